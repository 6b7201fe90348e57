import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * Crossfire (Smilegate), what players send to each other:
 *
 *    0              4
 *   | c7 d9 19 99  | 02 00 | ...
 */
function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  if (bytes.u32(0) === 0xc7d91999) return bytes.u16(4) === 0x0200 ? 'yes' : 'no'
  return flow.datagrams.length > 1 ? 'more' : 'no'
}

const found: Agreement = { evidence: 'magic c7d91999', application: 'crossfire' }

export const crossfire: Protocol = {
  name: 'crossfire',
  title: 'Crossfire',
  category: 'games',
  transports: ['udp'],
  begins: [0xc7],
  classify: (flow) => agree(flow, look, found),
}
