import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * PIA, the peer-to-peer library of Nintendo's consoles (github.com/kinnay/NintendoClients, wiki):
 *
 *    0              4                        5             6          8
 *   | 32 ab 98 64  | encrypted, version     | connection  | packet   | nonce, tag, data ...
 */
function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  const version = bytes.u8(4) & 0x7f
  if (bytes.u32(0) === 0x32ab9864) return version >= 1 && version <= 16 ? 'yes' : 'no'
  return flow.datagrams.length > 1 ? 'more' : 'no'
}

const found: Agreement = { evidence: 'magic 32ab9864', application: 'nintendo' }

export const nintendo: Protocol = {
  name: 'nintendo',
  title: 'Nintendo PIA',
  category: 'games',
  transports: ['udp'],
  begins: [0x32],
  classify: (flow) => agree(flow, look, found),
}
