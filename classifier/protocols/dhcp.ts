import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 2131 §2, and BOOTP (RFC 951) without option 53:
 *
 *    0    1       2      3      4     8      10      12 .. 27      28            236
 *   | op | htype | hlen | hops | xid | secs | flags | 4 addresses | hardware .. | 63 82 53 63 |
 *
 * then options (RFC 2132): | code | length | value |, 0 is a filler, 255 the end. Those read here:
 * 12 name of the client, 53 message type, 55 options asked for, 60 class, 81 full name (RFC 4702).
 */
const cookie = 0x63825363
const optionsAt = 240
const maxType = 18
const maxOptions = 64

type Options = ReadonlyMap<number, Bytes>

function optionsOf(bytes: Bytes): Options | undefined {
  const options = new Map<number, Bytes>()
  let at = optionsAt
  for (let i = 0; i < maxOptions; i++) {
    const code = bytes.u8(at)
    if (code === 255 || code < 0) break
    if (code === 0) {
      at++
      continue
    }
    const length = bytes.u8(at + 1)
    if (length < 0 || at + 2 + length > bytes.wireLength) return undefined
    if (!options.has(code)) options.set(code, bytes.slice(at + 2, at + 2 + length))
    at += 2 + length
  }
  return options
}

const text = (value: Bytes): string => value.utf8().replaceAll(/[\p{Cc}\uFFFD]/gu, '')

/** The full name: as text, or, where flag E says so, as the labels of DNS. */
function fullName(value: Bytes): string {
  if ((value.u8(0) & 4) === 0) return text(value.slice(3))
  const labels: string[] = []
  let at = 3
  while (value.u8(at) > 0 && value.u8(at) < 64) {
    labels.push(text(value.slice(at + 1, at + 1 + value.u8(at))))
    at += 1 + value.u8(at)
  }
  return labels.join('.')
}

function metadataOf(options: Options): Metadata {
  const [host, list, kind, full] = [12, 55, 60, 81].map((code) => options.get(code))
  const hostname = host === undefined ? full && fullName(full) : text(host)
  return {
    ...(hostname === undefined || hostname === '' ? {} : { hostname: hostname.toLowerCase() }),
    ...(list === undefined ? {} : { dhcpFingerprint: list.subarray().join(',') }),
    ...(kind === undefined ? {} : { dhcpClass: text(kind) }),
  }
}

function classify(flow: FlowView): Answer {
  const [first] = flow.datagrams
  if (first === undefined) return 'never'
  const { bytes } = first
  const op = bytes.u8(0)
  if ((op !== 1 && op !== 2) || bytes.u32(236) !== cookie || bytes.u8(2) > 16) return 'never'
  const options = optionsOf(bytes)
  if (options === undefined) return 'never'
  const type = options.get(53)
  if (type === undefined) {
    const isUsual = flow.hasPort(67) || flow.hasPort(68)
    return isUsual ? { confidence: 90, evidence: 'BOOTP' } : 'never'
  }
  if (type.length !== 1 || type.u8(0) < 1 || type.u8(0) > maxType) return 'never'
  return {
    confidence: 100,
    evidence: `DHCP message type ${type.u8(0)}`,
    metadata: metadataOf(options),
  }
}

export const dhcp: Protocol = {
  name: 'dhcp',
  title: 'DHCP',
  category: 'network',
  transports: ['udp'],
  begins: [1, 2],
  ports: { udp: [67, 68] },
  classify,
}
