import type { Bytes } from '../../model/bytes.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 6455 §5.2, behind an upgrade of HTTP (which http.ts tells), or in a connection under way:
 *
 *   |FIN|0 0 0| opcode (4) |MASK| length (7) | length (2 or 8) where 126 or 127 | key (4) | data |
 *
 * opcodes: 1 text, 2 binary, 8 close, 9 ping, 10 pong; the client masks, the server does not.
 */
const opcodes: ReadonlySet<number> = new Set([0x81, 0x82, 0x88, 0x89, 0x8a])

/** Where the frame at `at` ends; -1 where none stands there, 0 where its header is cut off. */
function frameEnd(bytes: Bytes, at: number, isMasked: boolean): number {
  if (!opcodes.has(bytes.u8(at))) return -1
  const second = bytes.u8(at + 1)
  if (second < 0) return 0
  if (second >= 0x80 !== isMasked) return -1
  const short = second & 0x7f
  const extra = short === 126 ? 2 : short === 127 ? 8 : 0
  const length = extra === 2 ? bytes.u16(at + 2) : extra === 8 ? bytes.u64(at + 2) : short
  if (length < 0) return 0
  // The shortest form of a length is the only one that is allowed.
  if ((extra === 2 && length < 126) || (extra === 8 && length < 65_536)) return -1
  return at + 2 + extra + (isMasked ? 4 : 0) + length
}

/** True where all that a side has said is frames, the last of which may be cut off. */
function isFrames(bytes: Bytes, isMasked: boolean): boolean {
  let at = 0
  while (at < bytes.length) {
    const end = frameEnd(bytes, at, isMasked)
    if (end === 0) return at > 0
    if (end < 0) return false
    at = end
  }
  return at > 0
}

function classify(flow: FlowView): Answer {
  const [first, second] = flow.sides
  if (![first, second].every(({ bytes }) => bytes.length === 0 || opcodes.has(bytes.u8(0)))) {
    return 'never'
  }
  if (first.bytes.length < 2 || second.bytes.length < 2) return flow.isLast ? 'never' : 'more'
  for (const [client, server] of [
    [first, second],
    [second, first],
  ] as const) {
    if (isFrames(client.bytes, true) && isFrames(server.bytes, false)) {
      return { confidence: 85, evidence: 'frames, those of the client masked' }
    }
  }
  return 'never'
}

export const websocket: Protocol = {
  name: 'websocket',
  title: 'WebSocket',
  category: 'web',
  transports: ['tcp'],
  begins: [0x81, 0x82, 0x88, 0x89, 0x8a],
  classify,
}
