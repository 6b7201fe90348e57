import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * Spotify finds others in the network by broadcasts from and to UDP 57621:
 *
 *   | SpotUdp0 | ...
 *
 * and speaks with its access points over TCP (github.com/librespot-org/librespot, handshake):
 *
 *    0      2                             6
 *   | 0 4 | length of the whole (4)      | protobuf ClientHello: 52, length, 50, ... (build) |
 *
 *   | length of the whole (4) | protobuf APResponse: 52, ... |        the answer
 */
const maxHello = 4096

function lookAtStream(bytes: Bytes, fromClient: boolean): Look {
  if (!fromClient)
    return bytes.length < 5 || (bytes.u32(0) < maxHello && bytes.u8(4) === 0x52) ? 'more' : 'no'
  if (!bytes.mayHave('\0\x04')) return 'no'
  if (bytes.length < 9) return 'more'
  const length = bytes.u32(2)
  const isBuild = bytes.u8(6) === 0x52 && bytes.u8(8) === 0x50
  if (!isBuild || length > maxHello) return 'no'
  return bytes.length < length ? 'more' : 'yes'
}

function look(bytes: Bytes, fromClient: boolean, flow: FlowView): Look {
  if (flow.transport === 'tcp') return lookAtStream(bytes, fromClient)
  return bytes.has('SpotUdp') ? 'yes' : 'no'
}

const found: Agreement = {
  evidence: 'SpotUdp, or ClientHello of exact length',
  application: 'spotify',
}

export const spotify: Protocol = {
  name: 'spotify',
  title: 'Spotify',
  category: 'streaming',
  transports: ['udp', 'tcp'],
  begins: { udp: 'S' },
  ports: { udp: [57621], tcp: [4070] },
  classify: (flow) => agree(flow, look, found),
}
