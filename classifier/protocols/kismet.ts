import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * Kismet's old protocol (kismetwireless.net, README of 2011), lines that a server begins with:
 *
 *   *KISMET: version time \x01name\x01 ...
 */
function look(bytes: Bytes, fromClient: boolean): Look {
  if (fromClient) return bytes.u8(0) === 0x21 ? 'more' : 'no'
  return bytes.has('*KISMET: ') ? 'yes' : bytes.mayHave('*KISMET: ') ? 'more' : 'no'
}

const found: Agreement = { evidence: 'greeting of the server' }

export const kismet: Protocol = {
  name: 'kismet',
  title: 'Kismet server',
  category: 'monitoring',
  transports: ['tcp'],
  begins: '!*',
  ports: { tcp: [2501] },
  classify: (flow) => agree(flow, look, found),
}
