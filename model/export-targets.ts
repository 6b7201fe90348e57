import { z } from 'zod'
import { parsePrefix } from './address.ts'
import type { Prefix } from './address.ts'
import { parsePort, splitHostPort } from './endpoint-text.ts'
import { extraFields, fields } from './fields.ts'
import { parseProtocol } from './protocol.ts'
import { durationBetween } from './duration-schema.ts'
import { parseDuration } from './quantity.ts'

/** The section `exporter` of the configuration, see config-schema.ts. */

/** What targets are spoken to in. */
export const exportProtocols = ['ipfix', 'netflow9', 'netflow5'] as const
export type ExportProtocol = (typeof exportProtocols)[number]

/** How messages travel; `file` writes IPFIX files (RFC 5655) into a directory. */
export const exportTransports = ['udp', 'tcp', 'tls', 'file'] as const
export type ExportTransport = (typeof exportTransports)[number]

/** Records about the exporter itself. */
export const optionKinds = [
  'applications',
  'statistics',
  'interfaces',
  'sampling',
  'types',
] as const
export type OptionKind = (typeof optionKinds)[number]

/** The fewest octets of a packet: one NetFlow 5 record fits with both headers. */
export const leastMtu = 128

const fieldNames: ReadonlySet<string> = new Set([...fields, ...extraFields].map(({ name }) => name))

const oneOf = <const T extends readonly string[]>(names: T) =>
  z.enum(names, { error: `must be one of ${names.join(', ')}` })

const duration = (least: string, most: string, otherwise: string) =>
  durationBetween(least, most).prefault(otherwise)

function whole(least: number, most: number) {
  const error = `must be a number from ${least} to ${most}`
  return z.number({ error }).int({ error }).min(least, { error }).max(most, { error })
}

const absolutePath = z
  .string({ error: 'must be a path' })
  .startsWith('/', { error: 'must be an absolute path' })

const prefix = z.string().refine((text) => parsePrefix(text) !== undefined, {
  error: 'must be an address or prefix such as 10.0.0.0/8, no bits set behind it',
})

const filter = z.strictObject({
  networks: z.array(prefix).min(1).optional(),
  protocols: z
    .array(
      z
        .union([z.string(), z.number()])
        .refine((value) => parseProtocol(String(value)) !== undefined, {
          error: 'must be a protocol such as tcp, udp or 47',
        })
    )
    .min(1)
    .optional(),
  zones: z.array(whole(0, 0xffffffff)).min(1).optional(),
  translated: z.boolean({ error: 'must be true or false' }).optional(),
})

const tls = z
  .strictObject({
    ca_file: absolutePath.optional(),
    certificate_file: absolutePath.optional(),
    key_file: absolutePath.optional(),
    server_name: z.string().min(1).max(253).optional(),
  })
  .refine((one) => (one.certificate_file === undefined) === (one.key_file === undefined), {
    error: 'needs certificate_file and key_file together',
  })

const target = z.strictObject({
  name: z
    .string()
    .regex(/^[\w.:@-]{1,64}$/, { error: 'must be 1 to 64 letters, digits, . : @ _ -' })
    .optional(),
  address: z.string({ error: 'must be HOST:PORT' }).max(300).optional(),
  path: absolutePath.optional(),
  protocol: oneOf(exportProtocols).prefault('ipfix'),
  transport: oneOf(exportTransports).optional(),
  source: z.string().max(45).optional(),
  domain: whole(0, 0xffffffff).prefault(0),
  records: oneOf(['flows', 'nat-events', 'both']).prefault('flows'),
  directions: oneOf(['biflow', 'uniflows', 'forward']).optional(),
  views: oneOf(['both', 'inside', 'outside']).optional(),
  times: oneOf(['milliseconds', 'microseconds', 'uptime']).optional(),
  fields: z
    .array(
      z.string().refine((name) => fieldNames.has(name), { error: 'is no field of flowledger' })
    )
    .min(1)
    .optional(),
  filter: filter.prefault({}),
  template_refresh: duration('1s', '1d', '30s'),
  template_packets: whole(1, 1_000_000).prefault(500),
  options: z.array(oneOf(optionKinds)).prefault([...optionKinds]),
  mtu: whole(leastMtu, 65_535).prefault(1500),
  rate: whole(1, 10_000_000).prefault(20_000),
  max_behind: duration('1s', '30d', '1h'),
  rotate: duration('1s', '1d', '1h'),
  tls: tls.optional(),
})

type TargetFile = z.output<typeof target>

/** Host and port of a target; the host may be a name. */
export function parseTargetAddress(text: string): { host: string; port: number } | undefined {
  const { host, port: portText } = splitHostPort(text)
  const port = portText === undefined ? undefined : parsePort(portText)
  if (port === undefined || port === 0 || !/^[\w.:%-]{1,253}$/.test(host)) return undefined
  return { host, port }
}

/** What is wrong with a target as a whole; undefined where nothing is. */
function wrongWith(one: TargetFile): string | undefined {
  const transport = transportOf(one)
  if (transport === 'file') {
    if (one.path === undefined || one.address !== undefined) return 'needs path and no address'
  } else if (one.path !== undefined || parseTargetAddress(one.address ?? '') === undefined) {
    return 'needs address: HOST:PORT such as 192.0.2.9:4739 or [2001:db8::9]:4739'
  }
  if (one.protocol !== 'ipfix' && transport !== 'udp') return `${one.protocol} goes over udp alone`
  if (one.protocol === 'netflow5' && one.directions === 'biflow') return 'netflow5 has no biflow'
  if (one.protocol === 'netflow5' && one.records !== 'flows') return 'netflow5 has no NAT events'
  if (one.protocol === 'netflow5' && one.fields !== undefined) return 'netflow5 has fixed fields'
  if (one.protocol !== 'netflow5' && one.views !== undefined) return 'views is for netflow5 alone'
  if (one.protocol === 'ipfix' && one.times === 'uptime') return 'ipfix has no SysUptime'
  if (one.tls !== undefined && transport !== 'tls') return 'tls is for transport: tls'
  return undefined
}

const transportOf = (one: TargetFile): ExportTransport =>
  one.transport ?? (one.path === undefined ? 'udp' : 'file')

const nameOf = (one: TargetFile): string =>
  one.name ?? (one.address ?? one.path ?? '').replaceAll(/[^\w.:@-]/g, '_').slice(0, 64)

/** `exporter`: who is told of flows; what each key means stands in docs/how-to/export.md. */
export const exporterSchema = z.strictObject({
  targets: z
    .array(target, { error: 'must be a list of targets' })
    .max(64)
    .superRefine((targets, context) => {
      for (const [index, one] of targets.entries()) {
        const wrong = wrongWith(one)
        if (wrong !== undefined) context.addIssue({ code: 'custom', path: [index], message: wrong })
        const first = targets.findIndex((each) => nameOf(each) === nameOf(one))
        if (first < index) {
          const message = 'has the name of another target: give each a name'
          context.addIssue({ code: 'custom', path: [index], message })
        }
      }
    })
    .prefault([])
    .describe('Collectors that are told of flows: NetFlow, IPFIX (how-to/export.md).'),
})

/** Which rows a target is told of. */
export interface ExportFilter {
  /** One of the four addresses is in one of them. */
  readonly networks?: readonly Prefix[]
  readonly protocols?: readonly number[]
  readonly zones?: readonly number[]
  /** Only what is (not) translated. */
  readonly translated?: boolean
}

/** What decides about the octets of a target's records. */
export interface RecordSettings {
  readonly protocol: ExportProtocol
  readonly domain: number
  readonly records: 'flows' | 'nat-events' | 'both'
  readonly directions: 'biflow' | 'uniflows' | 'forward'
  readonly views: 'both' | 'inside' | 'outside'
  readonly times: 'milliseconds' | 'microseconds' | 'uptime'
  /** Names of the field table; left out: all that the protocol can carry. */
  readonly fields?: readonly string[]
  /** Names of fields whose columns say nothing: they are left out rather than told as 0. */
  readonly unknown?: readonly string[]
  readonly filter: ExportFilter
  readonly options: readonly OptionKind[]
}

/** A target as the program uses it. */
export interface ExportTarget extends RecordSettings {
  readonly name: string
  readonly transport: ExportTransport
  /** Name or address; for `file` the directory. */
  readonly host: string
  readonly port: number
  readonly source?: string
  readonly templateRefreshUs: number
  readonly templatePackets: number
  readonly mtu: number
  /** Packets a second. */
  readonly rate: number
  readonly maxBehindUs: number
  readonly rotateUs: number
  readonly tls: {
    readonly caFile?: string
    readonly certificateFile?: string
    readonly keyFile?: string
    readonly serverName?: string
  }
}

/**
 * IPFIX has RFC 5103 for both directions in one record; NetFlow 5 gets one record for each view of
 * a connection, as it has had since there are exporters of conntrack.
 */
const directionsOf = { ipfix: 'biflow', netflow9: 'uniflows', netflow5: 'forward' } as const

/** What a protocol's records are where nothing is said. */
export function defaultRecords(protocol: ExportProtocol): RecordSettings {
  return {
    protocol,
    domain: 0,
    records: 'flows',
    directions: directionsOf[protocol],
    views: 'both',
    times: protocol === 'ipfix' ? 'milliseconds' : 'uptime',
    filter: {},
    options: optionKinds,
  }
}

function filterOf(file: TargetFile['filter']): ExportFilter {
  const { networks, protocols, zones, translated } = file
  return {
    ...(networks && { networks: networks.flatMap((text) => parsePrefix(text) ?? []) }),
    ...(protocols && { protocols: protocols.flatMap((one) => parseProtocol(String(one)) ?? []) }),
    ...(zones && { zones }),
    ...(translated === undefined ? {} : { translated }),
  }
}

/** A validated target with every value read. */
export function exportTargetOf(file: TargetFile): ExportTarget {
  const otherwise = defaultRecords(file.protocol)
  const { host, port } = parseTargetAddress(file.address ?? '') ?? {
    host: file.path ?? '',
    port: 0,
  }
  const us = (text: string): number => parseDuration(text) ?? 0
  const { ca_file, certificate_file, key_file, server_name } = file.tls ?? {}
  return {
    name: nameOf(file),
    protocol: file.protocol,
    transport: transportOf(file),
    host,
    port,
    ...(file.source === undefined ? {} : { source: file.source }),
    domain: file.domain,
    records: file.records,
    directions: file.directions ?? otherwise.directions,
    views: file.views ?? otherwise.views,
    times: file.times ?? otherwise.times,
    ...(file.fields === undefined ? {} : { fields: file.fields }),
    filter: filterOf(file.filter),
    options: file.options,
    templateRefreshUs: us(file.template_refresh),
    templatePackets: file.template_packets,
    mtu: file.mtu,
    rate: file.rate,
    maxBehindUs: us(file.max_behind),
    rotateUs: us(file.rotate),
    tls: {
      ...(ca_file === undefined ? {} : { caFile: ca_file }),
      ...(certificate_file === undefined ? {} : { certificateFile: certificate_file }),
      ...(key_file === undefined ? {} : { keyFile: key_file }),
      ...(server_name === undefined ? {} : { serverName: server_name }),
    },
  }
}
