import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * Speedtest's servers, in lines: | HI [identifier] |, answered by | HELLO version build |; then
 * | PING ms |, | DOWNLOAD octets |, | UPLOAD octets |.
 */
const hi = /^HI( [0-9A-Fa-f-]{36})?\r?\n/

function look(bytes: Bytes, fromClient: boolean): Look {
  const text = bytes.text(0, 42)
  if (!fromClient) return bytes.has('HELLO ') ? 'yes' : bytes.mayHave('HELLO ') ? 'more' : 'no'
  if (hi.test(text)) return 'yes'
  return /^H(I( [0-9A-Fa-f-]{0,36}\r?)?\r?)?$/.test(text) ? 'more' : 'no'
}

const found: Agreement = { evidence: 'HI, and HELLO', one: 80, application: 'speedtest' }

export const ookla: Protocol = {
  name: 'ookla',
  title: 'Ookla speed test',
  category: 'other',
  transports: ['tcp'],
  begins: 'H',
  ports: { tcp: [8080, 5060] },
  classify: (flow) => agree(flow, look, found),
}
