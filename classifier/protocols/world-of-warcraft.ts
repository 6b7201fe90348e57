import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * World of Warcraft, connections to a realm: both sides first say what they are:
 *
 *   | length (2) | WORLD OF WARCRAFT CONNECTION - SERVER TO CLIENT | ...    and CLIENT TO SERVER
 */
const text = 'WORLD OF WARCRAFT CONNECTION - '

function look(bytes: Bytes): Look {
  if (bytes.length > 2 && !bytes.mayHave(text, 2)) return 'no'
  return bytes.has(text, 2) ? 'yes' : 'more'
}

const found: Agreement = { evidence: 'its words', application: 'world-of-warcraft' }

export const worldOfWarcraft: Protocol = {
  name: 'world-of-warcraft',
  title: 'World of Warcraft',
  category: 'games',
  transports: ['tcp'],
  ports: { tcp: [3724] },
  classify: (flow) => agree(flow, look, found),
}
