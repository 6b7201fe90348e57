import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * HCF_SPEC-085 (HART-IP):
 *
 *    0          1                        2              3       4         6
 *   | version 1 | type 0 .. 2, 3 nak, 15 | id 0 .. 3    | status | number | length of all | ...
 */
function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  const isTcp = flow.transport === 'tcp'
  const [version, type, id] = [bytes.u8(0), bytes.u8(1), bytes.u8(2)]
  if ((version !== 1 && version !== 2) || (type > 3 && type !== 15) || id > 5) return 'no'
  const length = bytes.u16(6)
  if (length < 0) return isTcp && flow.hasPort(5094) ? 'more' : 'no'
  if (length < 8 || length > 1024) return 'no'
  return isTcp ? 'yes' : length === bytes.wireLength ? 'yes' : 'no'
}

function classify(flow: FlowView): Answer {
  const evidence = 'header and exact length'
  const isOnPort = flow.hasPort(5094) || flow.hasPort(5095)
  if (flow.transport === 'tcp' && !isOnPort) return 'never'
  return agree(flow, look, isOnPort ? { evidence } : { evidence, one: 55, both: 85 })
}

export const hartIp: Protocol = {
  name: 'hart-ip',
  title: 'HART-IP',
  category: 'industrial',
  transports: ['udp', 'tcp'],
  begins: [1, 2],
  ports: { udp: [5094], tcp: [5094] },
  classify,
}
