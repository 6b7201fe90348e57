import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * X.Org, "X Display Manager Control Protocol" §6:
 *
 *    0            2                  4
 *   | version 1  | opcode 1 .. 14   | length of the rest | ...
 */
function look(bytes: Bytes): Look {
  const opcode = bytes.u16(2)
  const isExact = bytes.u16(4) + 6 === bytes.wireLength
  return bytes.u16(0) === 1 && opcode >= 1 && opcode <= 14 && isExact ? 'yes' : 'no'
}

function classify(flow: FlowView): Answer {
  const isOnPort = flow.hasPort(177)
  return agree(flow, look, {
    evidence: 'header and exact length',
    one: isOnPort ? 90 : 55,
    both: 90,
  })
}

export const xdmcp: Protocol = {
  name: 'xdmcp',
  title: 'XDMCP',
  category: 'remote-access',
  transports: ['udp'],
  ports: { udp: [177] },
  classify,
}
