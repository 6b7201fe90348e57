import { formatV4, formatWords } from '../../model/address.ts'
import type { AddressWords } from '../../model/address.ts'
import type { RadiusAttribute } from './radius-packet.ts'

/*
 * Values of the attributes that say who held what. Numbers and addresses are in network order:
 *
 *   integer, time   u32                              (RFC 2865 §5)
 *   ipv4, ipv6      4, 16 octets
 *   prefix          u8 0 | u8 length in bits | prefix, 0..16 octets, zeros left out at its end
 *                                                    (RFC 3162 §2.3, RFC 4818 §3)
 *   vendor          u32 vendor, then type u8 | length u8, both included | value ...
 *                                                    (RFC 2865 §5.26)
 */
type Form = 'text' | 'octets' | 'integer' | 'ipv4' | 'ipv6' | 'prefix'

const known: Readonly<Record<number, readonly [name: string, form: Form]>> = {
  1: ['User-Name', 'text'],
  4: ['NAS-IP-Address', 'ipv4'],
  8: ['Framed-IP-Address', 'ipv4'],
  25: ['Class', 'octets'],
  30: ['Called-Station-Id', 'text'],
  31: ['Calling-Station-Id', 'text'],
  32: ['NAS-Identifier', 'text'],
  40: ['Acct-Status-Type', 'integer'],
  41: ['Acct-Delay-Time', 'integer'],
  44: ['Acct-Session-Id', 'text'],
  46: ['Acct-Session-Time', 'integer'],
  55: ['Event-Timestamp', 'integer'],
  61: ['NAS-Port-Type', 'integer'],
  87: ['NAS-Port-Id', 'text'],
  95: ['NAS-IPv6-Address', 'ipv6'],
  97: ['Framed-IPv6-Prefix', 'prefix'],
  123: ['Delegated-IPv6-Prefix', 'prefix'],
  168: ['Framed-IPv6-Address', 'ipv6'],
}

const vendorSpecific = 26
/** The Broadband Forum's, which carry the subscriber's line (RFC 4679 §3.3). */
const broadbandForum = 3561
const lineAttributes: Readonly<Record<number, string>> = {
  1: 'ADSL-Agent-Circuit-Id',
  2: 'ADSL-Agent-Remote-Id',
}

/**
 * Names and texts of the attributes that are of use; others are passed over.
 *
 * @returns undefined where one of them has a value that its form does not allow: what is left out
 *   of a packet changes what it says
 */
export function namedAttributes(
  attributes: readonly RadiusAttribute[]
): Map<string, string[]> | undefined {
  const named = new Map<string, string[]>()
  const add = (name: string, text: string): void => {
    const values = named.get(name)
    if (values === undefined) named.set(name, [text])
    else values.push(text)
  }
  for (const { type, value } of attributes) {
    if (type === vendorSpecific) addLine(value, add)
    const [name, form] = known[type] ?? []
    if (name === undefined || form === undefined) continue
    const text = textOf(form, value)
    if (text === undefined) return undefined
    add(name, text)
  }
  return named
}

/** Vendors do as they like inside (RFC 2865 §5.26): what does not fit the form is passed over. */
function addLine(value: Buffer, add: (name: string, text: string) => void): void {
  if (value.length < 4 || value.readUInt32BE(0) !== broadbandForum) return
  for (let at = 4; at + 2 <= value.length;) {
    const octets = value[at + 1] ?? 0
    if (octets < 2 || at + octets > value.length) return
    const name = lineAttributes[value[at] ?? 0]
    if (name !== undefined && octets > 2) add(name, value.toString('latin1', at + 2, at + octets))
    at += octets
  }
}

function textOf(form: Form, value: Buffer): string | undefined {
  switch (form) {
    case 'text':
      return value.toString('latin1')
    case 'octets':
      return `0x${value.toString('hex')}`
    case 'integer':
      return value.length === 4 ? String(value.readUInt32BE(0)) : undefined
    case 'ipv4':
      return value.length === 4 ? formatV4(value.readUInt32BE(0)) : undefined
    case 'ipv6':
      return value.length === 16 ? formatV6(value) : undefined
    case 'prefix':
      return prefixText(value)
    default:
      return undefined
  }
}

function formatV6(value: Buffer): string {
  const words = [0, 4, 8, 12].map((at) => value.readUInt32BE(at)) as unknown as AddressWords
  return formatWords(words)
}

function prefixText(value: Buffer): string | undefined {
  const bits = value[1] ?? 129
  const given = value.length - 2
  if (bits > 128 || given > 16) return undefined
  const whole = Buffer.alloc(16)
  value.copy(whole, 0, 2)
  return `${formatV6(whole)}/${bits}`
}
