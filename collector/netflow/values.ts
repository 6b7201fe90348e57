import { formatAddress, formatV4 } from '../../model/address.ts'
import type { InformationElement } from '../../model/information-elements.ts'

/*
 * The octets of one field as text of JSON: the values of RFC 7373, numbers exact whatever their
 * size. What has a length that its type cannot have is shown as its octets.
 */

const ntpEpochSeconds = 2_208_988_800
/** NTP's seconds begin anew in 2036; until 2104 they are those of the second era (RFC 5905 §6). */
const ntpEraSeconds = 2 ** 32

/** Hexadecimal digits of [from, to). */
export function hexOf(view: DataView, from: number, to: number): string {
  return Buffer.from(view.buffer, view.byteOffset + from, to - from).toString('hex')
}

/** An unsigned integer of 1 to 8 octets, exact. */
export function uintOf(view: DataView, from: number, to: number): number | bigint {
  if (to - from <= 6) {
    let value = 0
    for (let at = from; at < to; at++) value = value * 256 + view.getUint8(at)
    return value
  }
  let value = 0n
  for (let at = from; at < to; at++) value = (value << 8n) | BigInt(view.getUint8(at))
  return value
}

/** Text up to the first zero octet; what is no UTF-8 becomes U+FFFD. */
export function textOf(view: DataView, from: number, to: number): string {
  const octets = Buffer.from(view.buffer, view.byteOffset + from, to - from)
  const end = octets.indexOf(0)
  return octets.toString('utf8', 0, end < 0 ? octets.length : end)
}

/** Seconds since 1970 of NTP's seconds. */
export function ntpSeconds(seconds: number): number {
  return seconds - ntpEpochSeconds + (seconds < ntpEpochSeconds ? ntpEraSeconds : 0)
}

function isoOf(seconds: number, fraction: string): string {
  const ms = seconds * 1000
  if (!(Math.abs(ms) <= 8.64e15)) return String(seconds)
  return `${new Date(ms).toISOString().slice(0, -5)}${fraction === '' ? '' : `.${fraction}`}Z`
}

function ntpText(view: DataView, from: number, digits: number): string {
  const scale = 10 ** digits
  // RFC 7011 §6.1.9: the low 11 bits of microseconds are to be ignored.
  const low = digits === 6 ? (view.getUint32(from + 4) & ~0x7ff) >>> 0 : view.getUint32(from + 4)
  const fraction = Math.min(scale - 1, Math.round((low / 2 ** 32) * scale))
  return isoOf(ntpSeconds(view.getUint32(from)), String(fraction).padStart(digits, '0'))
}

function millisecondsText(value: number | bigint): string {
  const ms = Number(value)
  return isoOf(Math.floor(ms / 1000), String(ms % 1000).padStart(3, '0'))
}

function addressText(view: DataView, from: number, length: number): string | undefined {
  if (length === 4) return formatV4(view.getUint32(from))
  if (length !== 16) return undefined
  const word = (at: number): number => view.getUint32(from + at)
  return formatAddress(word(0), word(4), word(8), word(12))
}

/** RFC 6759 §4: the engine's number and the selector's, which Cisco's tools write `3:80`. */
export function applicationText(view: DataView, from: number, to: number): string {
  const engine = view.getUint8(from)
  // Engine 20: the selector belongs to an enterprise, whose number stands in front of it.
  if (engine === 20 && to - from > 5) {
    return `20:${view.getUint32(from + 1)}:${uintOf(view, from + 5, to)}`
  }
  return `${engine}:${uintOf(view, from + 1, to)}`
}

function floatText(view: DataView, from: number, length: number): string | undefined {
  const value =
    length === 4 ? view.getFloat32(from) : length === 8 ? view.getFloat64(from) : undefined
  if (value === undefined) return undefined
  return Number.isFinite(value) ? String(value) : JSON.stringify(String(value))
}

/** A field's value as JSON; undefined where its length is not one of its type. */
function typedJson(
  view: DataView,
  from: number,
  to: number,
  type: InformationElement['type']
): string | undefined {
  const length = to - from
  if (type === 'string') return JSON.stringify(textOf(view, from, to))
  if (length === 0) return 'null'
  if (type === 'f') return floatText(view, from, length)
  if (type === 'us' || type === 'ns') {
    return length === 8 ? JSON.stringify(ntpText(view, from, type === 'us' ? 6 : 9)) : undefined
  }
  if (type === 'ip') {
    const text = addressText(view, from, length)
    return text === undefined ? undefined : JSON.stringify(text)
  }
  if (type === 'mac') {
    if (length !== 6) return undefined
    return JSON.stringify(hexOf(view, from, to).replaceAll(/..(?!$)/g, '$&:'))
  }
  if (type === 'application') {
    return length > 1 && length <= 13 ? JSON.stringify(applicationText(view, from, to)) : undefined
  }
  if (length > 8) return undefined
  const value = uintOf(view, from, to)
  if (type === 'u') return String(value)
  if (type === 'i') return String(BigInt.asIntN(8 * length, BigInt(value)))
  // RFC 7011 §6.1.5: 1 is true and 2 is false; nothing else is a boolean.
  if (type === 'bool') return value === 1 ? 'true' : value === 2 ? 'false' : String(value)
  if (type === 's') return JSON.stringify(isoOf(Number(value), ''))
  return type === 'ms' ? JSON.stringify(millisecondsText(value)) : undefined
}

/** The value of a field in [from, to) as JSON. */
export function valueJson(
  view: DataView,
  from: number,
  to: number,
  element: InformationElement | undefined
): string {
  const typed = element === undefined ? undefined : typedJson(view, from, to, element.type)
  return typed ?? JSON.stringify(hexOf(view, from, to))
}
