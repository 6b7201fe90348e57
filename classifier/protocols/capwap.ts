import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 5415 §4:
 *
 *   | version 0, type 1 | 0 0 0 | DTLS record |                      encrypted
 *   | version 0, type 0 | HLEN (5) | RID (5) | WBID (5) |T|F|L|W|M|K| 0 (3) | fragment (4) | clear
 *
 * and of control messages, behind 4 * HLEN octets (§4.5.1):
 *
 *   | enterprise (3), type | sequence | length (2) | flags 0 |       length: behind the sequence
 *
 * A keep-alive of data (K) holds | length (2) | session identifier: 35, 16, ... |.
 */
const dtls = 1
const maxType = 26
const sessionId = 35

function isControl(bytes: Bytes, at: number): boolean {
  const type = bytes.u32(at)
  return type >= 1 && type <= maxType && at + 5 + bytes.u16(at + 5) === bytes.wireLength
}

function isKeepAlive(bytes: Bytes, at: number): boolean {
  return bytes.u16(at + 2) === sessionId && bytes.u16(at + 4) === 16
}

function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  if (!flow.hasPort(5246) && !flow.hasPort(5247)) return 'no'
  if (bytes.u8(0) === dtls) {
    const kind = bytes.u8(4)
    const isRecord = bytes.u24(1) === 0 && kind >= 20 && kind <= 25 && bytes.u8(5) === 0xfe
    return isRecord ? 'yes' : 'no'
  }
  const header = 4 * (bytes.u8(1) >> 3)
  if (bytes.u8(0) !== 0 || header < 8 || (bytes.u8(3) & 7) !== 0) return 'no'
  if (flow.hasPort(5246)) return isControl(bytes, header) ? 'yes' : 'no'
  return (bytes.u8(3) & 8) !== 0 && isKeepAlive(bytes, header) ? 'yes' : 'more'
}

const found: Agreement = { evidence: 'CAPWAP header' }

/** Of data that is not encrypted there is only the header, and the port. */
function classify(flow: FlowView): Answer {
  const answer = agree(flow, look, found)
  if (answer !== 'more' || !flow.isLast) return answer
  return { confidence: 60, evidence: 'header of data on its port' }
}

export const capwap: Protocol = {
  name: 'capwap',
  title: 'CAPWAP',
  category: 'tunnel',
  transports: ['udp'],
  begins: [0, 1],
  ports: { udp: [5246, 5247] },
  classify,
}
