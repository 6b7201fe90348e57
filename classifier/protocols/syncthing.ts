import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * docs.syncthing.net, "Local discovery v4" and "Relay protocol v1"; connections are TLS:
 *
 *   | 2e a7 d9 0b | protobuf: 0a, 20, device (32) | ...              discovery
 *   | 9e 79 bc 40 | type 0 .. 7 (4) | length (4) | ...               relay
 */
function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  if (flow.transport === 'udp')
    return bytes.u32(0) === 0x2ea7d90b && bytes.u8(4) === 0x0a ? 'yes' : 'no'
  if (!bytes.mayHave('\x9e\x79\xbc\x40')) return 'no'
  return bytes.length < 12 ? 'more' : bytes.u32(4) <= 8 ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'magic', application: 'syncthing' }

export const syncthing: Protocol = {
  name: 'syncthing',
  title: 'Syncthing',
  category: 'file-sharing',
  transports: ['udp', 'tcp'],
  begins: [0x2e, 0x9e],
  ports: { udp: [21027], tcp: [22067] },
  classify: (flow) => agree(flow, look, found),
}
