import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * 3GPP TS 29.244 §7.2.2:
 *
 *    0                       1      2        4
 *   | version 1 |..|FO|MP|S | type | length | [session (8)] | sequence (3) | priority |
 *
 * length: what is behind octet 4. With FO another message follows.
 */
function look(bytes: Bytes): Look {
  const [flags, type, length] = [bytes.u8(0), bytes.u8(1), bytes.u16(2)]
  const isNode = type >= 1 && type <= 15
  const isSession = type >= 50 && type <= 57
  if (flags >> 5 !== 1 || (flags & 0x18) !== 0 || (!isNode && !isSession)) return 'no'
  const hasSession = (flags & 1) === 1
  if (isSession && !hasSession) return 'no'
  if (length < (hasSession ? 12 : 4)) return 'no'
  return length + 4 === bytes.wireLength || (flags & 4) !== 0 ? 'yes' : 'no'
}

function classify(flow: FlowView): Answer {
  const isOnPort = flow.hasPort(8805)
  return agree(flow, look, { evidence: 'PFCP header and exact length', one: isOnPort ? 90 : 50 })
}

export const pfcp: Protocol = {
  name: 'pfcp',
  title: 'PFCP',
  category: 'tunnel',
  transports: ['udp'],
  begins: [0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27],
  ports: { udp: [8805] },
  classify,
}
