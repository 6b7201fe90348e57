import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * ISO 22510 §5.2.2:
 *
 *    0             1             2               4
 *   | header 06   | version 10  | service (2)   | length of all (2) | ...
 */
function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  if (!bytes.mayHave('\x06\x10')) return 'no'
  if (bytes.length < 6) return flow.transport === 'tcp' ? 'more' : 'no'
  const family = bytes.u8(2)
  const length = bytes.u16(4)
  const isKnown = (family >= 2 && family <= 5) || family === 7 || family === 9
  if (!isKnown || length < 6) return 'no'
  if (flow.transport === 'udp') return length === bytes.wireLength ? 'yes' : 'no'
  return length <= 1024 ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'header 0610 and length' }

export const knxnetIp: Protocol = {
  name: 'knxnet-ip',
  title: 'KNXnet/IP',
  category: 'industrial',
  transports: ['udp', 'tcp'],
  begins: [0x06],
  ports: { udp: [3671], tcp: [3671] },
  classify: (flow) => agree(flow, look, found),
}
