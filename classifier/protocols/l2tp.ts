import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * RFC 2661 §3.1:
 *
 *    0                   2        4           6            8     10
 *   |T|L|..|S|.|O|P|..|2| length | tunnel id | session id | Ns  | Nr |
 *
 * Control messages have T, L and S set, and the type as first AVP (§4.1):
 *
 *   | M, length 8 | vendor 0 | attribute 0 | type |
 *
 * RFC 3931 §3.2.1, version 3: | T, L, S, 3 | length | connection (4) | Ns | Nr |, and data behind
 * | 0, 3 | reserved | session id (4) |.
 */
const maxType = 28

function isControl(bytes: Bytes): boolean {
  if (bytes.u16(2) !== bytes.wireLength) return false
  if (bytes.wireLength === 12) return true
  const isFirst = (bytes.u16(12) & 0x83ff) === 0x8008 && bytes.u32(14) === 0
  return isFirst && bytes.u16(18) >= 1 && bytes.u16(18) <= maxType
}

function isData(bytes: Bytes): boolean {
  const hasLength = (bytes.u16(0) & 0x4000) !== 0
  return !hasLength || bytes.u16(2) === bytes.wireLength
}

function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  const flags = bytes.u16(0)
  const version = flags & 15
  if ((version !== 2 && version !== 3) || (flags & 0x34f0) !== 0) return 'no'
  if ((flags & 0xc800) === 0xc800) return isControl(bytes) ? 'yes' : 'no'
  return (flags & 0x8000) === 0 && flow.hasPort(1701) && isData(bytes) ? 'more' : 'no'
}

const found: Agreement = { evidence: 'control message of exact length' }

export const l2tp: Protocol = {
  name: 'l2tp',
  title: 'L2TP',
  category: 'tunnel',
  transports: ['udp'],
  ports: { udp: [1701] },
  classify: (flow) => agree(flow, look, found),
}
