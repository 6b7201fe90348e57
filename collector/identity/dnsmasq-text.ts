import type { Prefix } from '../../model/address.ts'
import type { Device } from '../../model/identity.ts'
import { normaliseMac } from '../../model/mac.ts'
import { hostPrefix } from './prefix-text.ts'
import { colonHex } from './scan.ts'
import { sourceText } from './source-text.ts'

/** Who dnsmasq says holds an address. */
export interface DnsmasqHolder {
  readonly prefix: Prefix
  readonly key: string
  readonly device: Device
}

/** What dnsmasq writes where there is nothing. */
const nothing = '*'

/**
 * Who holds an address: a MAC (IPv4) or a DUID (IPv6) and what else is told.
 *
 * @param client the MAC, or the DUID where the address is IPv6
 * @param id client identifier of IPv4
 * @returns why it cannot be told
 */
export function holderOf(
  address: string,
  client: string,
  host: string,
  id = nothing
): DnsmasqHolder | 'bad-address' | 'client-missing' {
  const prefix = hostPrefix(address)
  if (prefix === undefined) return 'bad-address'
  const isV6 = address.includes(':')
  const duid = isV6 ? colonHex(client) : undefined
  const mac = isV6 ? undefined : normaliseMac(client)
  const clientId = id === nothing || isV6 ? undefined : colonHex(id)
  const key = mac ?? duid ?? clientId
  if (key === undefined) return 'client-missing'
  const hostname = host === nothing || host === '' ? undefined : sourceText(host)
  return {
    prefix,
    key: `${address}|${key}`,
    device: {
      ...(mac === undefined ? {} : { mac }),
      ...(duid === undefined ? {} : { duid }),
      ...(clientId === undefined ? {} : { clientId }),
      ...(hostname === undefined ? {} : { hostname }),
    },
  }
}

const units: Readonly<Record<string, number>> = { d: 86_400, h: 3600, m: 60, s: 1 }

/**
 * A length of time as dnsmasq writes it: `infinite`, `45m`, `1h30m`, `2d12h`.
 *
 * @returns seconds, or -1
 */
export function leaseSeconds(text: string): number {
  if (text === 'infinite') return Infinity
  if (!/^(?:\d{1,6}[dhms]){1,4}$/.test(text)) return -1
  let seconds = 0
  for (const [, count, unit = 's'] of text.matchAll(/(\d+)([dhms])/g)) {
    seconds += Number(count) * (units[unit] ?? 0)
  }
  return seconds
}

/** The words of a line; a line has few that are read. */
export function words(text: string): string[] {
  return text
    .trim()
    .split(/[ \t]+/, 16)
    .filter((word) => word !== '')
}
