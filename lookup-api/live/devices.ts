import { z } from 'zod'
import { isV4, parseAddress, parsePrefix, prefixHolds } from '../../model/address.ts'
import type { AddressWords, Prefix } from '../../model/address.ts'
import type { Holding } from '../../model/identity.ts'
import { isRandomised } from '../../model/mac.ts'
import type { SeenHost } from '../../model/live-flows.ts'
import { formatInstant } from '../../model/time.ts'
import { prefixText } from '../chain/sentences.ts'

/** Inside hosts: what sources of identities say of an address, and what its connections show. */

const identitySchema = z.object({
  mac: z.string().nullable(),
  mac_randomised: z.boolean().nullable(),
  hostname: z.string().nullable(),
  user: z.string().nullable(),
  kind: z.string().describe('lease, session, neighbour …'),
  source: z.string(),
  since: z.string(),
})

export const deviceSchema = z.object({
  address: z.string().describe('address or prefix'),
  identities: z
    .array(identitySchema)
    .nullable()
    .describe('who holds it, by each source; null: withheld from you'),
  dhcp_fingerprint: z.string().nullable(),
  dhcp_class: z.string().nullable(),
  applications: z.array(z.string()),
  protocols: z.array(z.string()),
  connections: z.number().int().describe('that were classified since the program started'),
  first_seen: z.string().nullable(),
  last_seen: z.string().nullable().describe('null: it made no connection that was classified'),
})

export const devicePageSchema = z.object({
  devices: z.array(deviceSchema),
  withheld: z.string().nullable().describe('why identities are not shown'),
  next: z.string().nullable(),
})

export type DeviceJson = z.infer<typeof deviceSchema>
export type DevicePageJson = z.infer<typeof devicePageSchema>

const compareWords = (a: AddressWords, b: AddressWords): number => {
  const [fourA, fourB] = [isV4(a[0], a[1], a[2]), isV4(b[0], b[1], b[2])]
  if (fourA !== fourB) return fourA ? -1 : 1
  for (let i = 0; i < 4; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** IPv4 first, as PostgreSQL orders addresses too. */
const comparePrefixes = (a: Prefix, b: Prefix): number =>
  compareWords(a.words, b.words) || a.length - b.length

interface Row {
  readonly prefix: Prefix
  readonly holdings: Holding[]
  host: SeenHost | undefined
}

function identityJson(holding: Holding): z.infer<typeof identitySchema> {
  const { device, user } = holding
  const { mac = null, hostname = null } = device
  return {
    mac,
    mac_randomised: mac === null ? null : isRandomised(mac),
    hostname,
    user: user ?? null,
    kind: holding.kind,
    source: holding.source,
    since: formatInstant(holding.startUs),
  }
}

function deviceJson({ prefix, holdings, host }: Row, reveals: boolean): DeviceJson {
  return {
    address: prefixText(prefix),
    identities: reveals ? holdings.map(identityJson) : null,
    dhcp_fingerprint: reveals ? (host?.dhcpFingerprint ?? null) : null,
    dhcp_class: reveals ? (host?.dhcpClass ?? null) : null,
    applications: [...(host?.applications ?? [])].toReversed(),
    protocols: [...(host?.protocols ?? [])].toReversed(),
    connections: host?.connections ?? 0,
    first_seen: host === undefined ? null : formatInstant(host.firstUs),
    last_seen: host === undefined ? null : formatInstant(host.lastUs),
  }
}

/** A page's prefix as a cursor, and back. */
export const cursorOf = prefixText

export function prefixOfCursor(text: string): Prefix | undefined {
  if (text.includes('/')) return parsePrefix(text)
  return parseAddress(text) === undefined
    ? undefined
    : parsePrefix(`${text}/${text.includes(':') ? 128 : 32}`)
}

/** What a page of devices is made of. */
export interface DeviceParts {
  /** By prefix, one more than the page has where more follow. */
  readonly holdings: readonly Holding[]
  /** True where the holdings do not end here. */
  readonly isCut: boolean
  readonly hosts: readonly SeenHost[]
  /** Prefixes that are inside; left out: all are taken to be. */
  readonly networks: readonly Prefix[] | undefined
  readonly after: Prefix | undefined
  readonly limit: number
  readonly reveals: boolean
}

/** Puts both together, in the order of addresses. */
export function devicePage(parts: DeviceParts): { devices: DeviceJson[]; next: string | null } {
  const { holdings, isCut, hosts, networks, after, limit, reveals } = parts
  const rows = new Map<string, Row>()
  const rowOf = (prefix: Prefix): Row => {
    const key = prefixText(prefix)
    const row = rows.get(key) ?? { prefix, holdings: [], host: undefined }
    rows.set(key, row)
    return row
  }
  for (const holding of holdings) {
    if (holding.prefix !== undefined) rowOf(holding.prefix).holdings.push(holding)
  }
  // Beyond the last holding that was read others may follow: hosts there wait for the next page.
  const upTo = isCut ? holdings.at(-1)?.prefix : undefined
  for (const host of hosts) {
    const prefix = prefixOfCursor(host.address)
    if (prefix === undefined) continue
    if (after !== undefined && comparePrefixes(prefix, after) <= 0) continue
    if (upTo !== undefined && comparePrefixes(prefix, upTo) > 0) continue
    rowOf(prefix).host = host
  }
  const isInside = ({ prefix }: Row): boolean =>
    networks?.some((network) => prefixHolds(network, ...prefix.words)) ?? true
  const sorted = [...rows.values()].sort((a, b) => comparePrefixes(a.prefix, b.prefix))
  // The last prefix of a list that was cut may have more holdings: it comes whole, on the next.
  const whole = isCut && sorted.length > 1 ? sorted.slice(0, -1) : sorted
  const page = whole.slice(0, limit)
  const shown = page.filter(isInside)
  const last = page.at(-1)
  const hasMore = isCut || whole.length > page.length
  return {
    devices: shown.map((row) => deviceJson(row, reveals)),
    next: hasMore && last !== undefined ? cursorOf(last.prefix) : null,
  }
}
