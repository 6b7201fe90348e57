import type { Bytes } from '../../model/bytes.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 5905 §7.3; its first octet holds leap (2 bits), version (3), mode (3):
 *
 *    0             1         2      3           4            8            12   16
 *   | LI VN mode  | stratum | poll | precision | root delay | dispersion | id | reference (8) |
 *    24               32            40             48
 *   | originate (8)  | receive (8) | transmit (8) | extensions, key and digest: words of 4 |
 *
 * Mode 6, control (RFC 9327): 12 octets, then as many as the number at 10, in words of 4. Mode 7,
 * of ntpd alone: | 80 R, 40 more, VN, 7 | sequence | implementation | request | 8 octets at least.
 */
const port = 123
const symmetricActive = 1
const clientMode = 3
const serverMode = 4
const broadcast = 5
const control = 6
const ownMode = 7
const headerBytes = 48
const maxBytes = 1024
/** Number of the key, and 64 octets (SHA-512). */
const longestDigest = 68

const modeOf = (bytes: Bytes): number => bytes.u8(0) & 7
const versionOf = (bytes: Bytes): number => (bytes.u8(0) >> 3) & 7

function isTime(bytes: Bytes): boolean {
  const version = versionOf(bytes)
  const mode = modeOf(bytes)
  const { wireLength } = bytes
  if (version < 1 || version > 4 || wireLength < headerBytes || wireLength > maxBytes) return false
  // Version 1 has no mode: its port tells who asks.
  if (version === 1 ? mode > broadcast : mode < symmetricActive || mode > broadcast) return false
  return bytes.u8(1) <= 16 && hasExtensions(bytes)
}

/** RFC 7822: | type | length (2), of all of it | value |, and last a key and its digest. */
function hasExtensions(bytes: Bytes): boolean {
  let at = headerBytes
  while (bytes.wireLength - at > longestDigest && at + 4 <= bytes.length) {
    const length = bytes.u16(at + 2)
    if (length < 16 || length % 4 !== 0) return false
    at += length
  }
  return at <= bytes.wireLength && (bytes.wireLength - at) % 4 === 0
}

function isControl(bytes: Bytes): boolean {
  const version = versionOf(bytes)
  if (version < 1 || version > 4) return false
  if (modeOf(bytes) === control) {
    const count = bytes.u16(10)
    const left = bytes.wireLength - 12 - count
    return bytes.u8(0) < 0x40 && count >= 0 && left >= 0 && left <= 32 && (bytes.u8(1) & 31) < 32
  }
  if (modeOf(bytes) !== ownMode || bytes.u8(2) > 3) return false
  // Items and the size of each, behind an error and reserved bits.
  const items = (bytes.u16(4) & 0xfff) * (bytes.u16(6) & 0xfff)
  return bytes.wireLength >= 8 + items
}

/** A server's answer repeats the time at which its client asked. */
function isAnswerTo(answer: Bytes, question: Bytes): boolean {
  if (modeOf(question) !== clientMode || modeOf(answer) !== serverMode) return false
  return answer.u64(24) === question.u64(40) && versionOf(answer) === versionOf(question)
}

function classify(flow: FlowView): Answer {
  const [first, second] = flow.datagrams
  if (first === undefined) return 'never'
  const { bytes } = first
  const isUsual = flow.hasPort(port)
  const found = isTime(bytes)
  if (!found && !(isUsual && isControl(bytes))) return 'never'
  const metadata = { version: String(versionOf(bytes)) }
  if (isUsual) return { confidence: 90, evidence: `NTP, mode ${modeOf(bytes)}`, metadata }
  if (second === undefined) return modeOf(bytes) === clientMode ? 'more' : 'never'
  if (!isTime(second.bytes) || !isAnswerTo(second.bytes, bytes)) return 'never'
  return { confidence: 100, evidence: 'question and answer of NTP', metadata }
}

export const ntp: Protocol = {
  name: 'ntp',
  title: 'NTP',
  category: 'network',
  transports: ['udp'],
  ports: { udp: [port] },
  classify,
}
