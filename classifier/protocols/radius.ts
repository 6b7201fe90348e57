import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 2865 §3, RFC 2866, RFC 5176; attributes fill the length exactly:
 *
 *    0      1    2            4                    20
 *   | code | id | length (2) | authenticator (16) | type | length | value | ... |
 *
 * An answer has the number of its question.
 */
const codes = new Set([1, 2, 3, 4, 5, 11, 12, 13, 40, 41, 42, 43, 44, 45])
const ports = [1812, 1813, 1645, 1646, 3799]
const headBytes = 20
const maxBytes = 4096
const userName = 1

/** The name in it, and how many attributes fill it, -1 where they do not; undefined of others. */
function read(bytes: Bytes): { count: number; metadata: Metadata } | undefined {
  const length = bytes.u16(2)
  if (!codes.has(bytes.u8(0)) || length < headBytes || length > maxBytes) return undefined
  // Octets behind the length are padding (§3), which is rare and short.
  if (length > bytes.wireLength || bytes.wireLength - length > 32) return undefined
  let [at, count] = [headBytes, 0]
  let name = ''
  while (at < length && at < bytes.length) {
    const size = bytes.u8(at + 1)
    if (size < 2 || at + size > length) return { count: -1, metadata: {} }
    if (bytes.u8(at) === userName) name = bytes.utf8(at + 2, at + size)
    at += size
    count++
  }
  const [, realm] = /@([^@]+)$/.exec(name) ?? []
  const metadata = {
    ...(name === '' ? {} : { userName: name }),
    ...(realm === undefined ? {} : { realm }),
  }
  return { count, metadata }
}

function classify(flow: FlowView): Answer {
  const [first, second] = flow.datagrams
  const packet = first === undefined ? undefined : read(first.bytes)
  if (first === undefined || packet === undefined) return 'never'
  const found = {
    evidence: `code ${first.bytes.u8(0)}, ${packet.count} attributes`,
    metadata: packet.metadata,
  }
  if (ports.some((port) => flow.hasPort(port))) {
    const isWhole = packet.count >= 0
    // Damaged attributes count where code and length are right.
    if (!isWhole && first.bytes.u16(2) !== first.bytes.wireLength) return 'never'
    return { confidence: isWhole ? 90 : 80, ...found }
  }
  if (packet.count < 0) return 'never'
  if (packet.count >= 3) return { confidence: 80, ...found }
  if (second === undefined) return flow.isLast ? 'never' : 'more'
  const agrees = second.fromClient !== first.fromClient && second.bytes.u8(1) === first.bytes.u8(1)
  return agrees && read(second.bytes) !== undefined ? { confidence: 90, ...found } : 'never'
}

export const radius: Protocol = {
  name: 'radius',
  title: 'RADIUS',
  category: 'authentication',
  transports: ['udp'],
  begins: [1, 2, 3, 4, 5, 0x0b, 0x0c, 0x0d, 0x28, 0x29, 0x2a, 0x2b, 0x2c, 0x2d],
  ports: { udp: ports },
  classify,
}
