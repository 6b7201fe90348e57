import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * github.com/multiformats/multistream-select, what both sides begin with:
 *
 *   | 13 | /multistream/1.0.0 LF |        13: its length
 */
const text = '\x13/multistream/1.0.0\n'

function look(bytes: Bytes): Look {
  return bytes.has(text) ? 'yes' : bytes.mayHave(text) ? 'more' : 'no'
}

const found: Agreement = { evidence: 'multistream 1.0.0' }

export const libp2p: Protocol = {
  name: 'libp2p',
  title: 'libp2p (IPFS)',
  category: 'file-sharing',
  transports: ['tcp'],
  begins: [0x13],
  ports: { tcp: [4001] },
  classify: (flow) => agree(flow, look, found),
}
