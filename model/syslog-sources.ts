import { z } from 'zod'
import { parsePrefix } from './address.ts'
import type { Prefix } from './address.ts'
import { parseListen } from './endpoint-text.ts'
import { parseDuration } from './quantity.ts'
import { parseZone } from './time-zone.ts'
import type { Zone } from './time-zone.ts'

/** The section `collector.syslog` of the configuration: NAT logs by syslog. */

/** Vendors whose lines can be read; collector/syslog/ has a file of each. */
export const natVendors = [
  'juniper',
  'juniper-services',
  'a10',
  'f5',
  'nfware',
  'sixwind',
  'cisco-asa',
  'cisco-ios',
  'mikrotik',
  'econat',
  'natlog',
  'linux-log',
  'conntrack',
  'ulogd',
  'jool',
] as const

export type NatVendor = (typeof natVendors)[number]

/** How syslog is received: RFC 5426, RFC 6587, RFC 5425. */
export const syslogTransports = ['udp', 'tcp', 'tls'] as const

function isZone(text: string): boolean {
  try {
    parseZone(text)
    return true
  } catch {
    return false
  }
}

const path = z.string().startsWith('/', { error: 'must be an absolute path' })

const listener = z
  .strictObject({
    transport: z.enum(syslogTransports).prefault('udp'),
    listen: z.string().refine((text) => parseListen(text) !== undefined, {
      error: 'must be ADDRESS:PORT such as 192.0.2.1:514 or [::]:514',
    }),
    cert_file: path.optional(),
    key_file: path.optional(),
    /** Certificates that senders must be signed by; left out: any sender of the list. */
    ca_file: path.optional(),
  })
  .refine(
    ({ transport, cert_file, key_file }) =>
      transport === 'tls' ? cert_file !== undefined && key_file !== undefined : true,
    {
      error: 'needs cert_file and key_file for tls',
    }
  )

const prefix = z.string().refine((text) => parsePrefix(text) !== undefined, {
  error: 'must be an address or prefix such as 10.0.0.1 or 10.0.0.0/24, no bits set behind it',
})

const host = z.string().regex(/^([\w.:-]{1,255}|\*)$/, {
  error: 'must be a host name or address as the lines have it, or * for any',
})

const source = z.strictObject({
  name: z.string().regex(/^[^\p{Cc}]{1,64}$/u, { error: 'must be 1 to 64 characters' }),
  from: z.union([prefix, z.array(prefix).min(1).max(256)]),
  hosts: z.union([host, z.array(host).min(1).max(4096)]).optional(),
  vendor: z.enum(['auto', ...natVendors]).prefault('auto'),
  tz: z
    .string()
    .refine(isZone, { error: 'must be a zone such as Europe/Berlin, UTC or +01:00' })
    .optional(),
  pattern_file: path.optional(),
})

const duration = (least: string, most: string) =>
  z.string().refine(
    (text) => {
      const us = parseDuration(text) ?? -1
      return us >= (parseDuration(least) ?? 0) && us <= (parseDuration(most) ?? 0)
    },
    { error: `must be a duration between ${least} and ${most}` }
  )

/** What each key means stands in docs/how-to/syslog-nat.md. */
export const syslogSchema = z.strictObject({
  listeners: z.array(listener).min(1).max(64),
  sources: z.array(source).min(1, { error: 'must name who may send' }).max(4096),
  max_open: z.int().min(1024).max(67_108_864).prefault(2_097_152),
  silence: duration('10s', '1d').prefault('5m'),
  forget: duration('1h', '400d').prefault('30d'),
})

/** A socket to receive on. */
export interface SyslogListener {
  readonly transport: (typeof syslogTransports)[number]
  /** `address:port`, checked already. */
  readonly listen: string
  readonly certFile?: string
  readonly keyFile?: string
  readonly caFile?: string
}

/** A gateway, or several that are configured alike. */
export interface SyslogSource {
  readonly name: string
  readonly from: readonly Prefix[]
  /**
   * Gateways whose lines `from`, a relay, passes on: what stands in HOSTNAME, in lower case; `*`:
   * whatever stands there. Left out: `from` itself is the gateway.
   */
  readonly hosts?: readonly string[]
  readonly vendor: NatVendor | 'auto'
  /** Zone of times that name none. */
  readonly zone?: Zone
  readonly patternFile?: string
}

/** NAT logs by syslog, as the program uses the configuration. */
export interface SyslogConfig {
  readonly listeners: readonly SyslogListener[]
  readonly sources: readonly SyslogSource[]
  readonly maxOpen: number
  readonly silenceUs: number
  readonly forgetUs: number
}

/** Leaves out what is undefined. */
function given<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(value).filter(([, part]) => part !== undefined)
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> }
}

/** Reads the section of a validated file. */
export function syslogConfigOf(file: z.output<typeof syslogSchema>): SyslogConfig {
  return {
    listeners: file.listeners.map(({ transport, listen, cert_file, key_file, ca_file }) => ({
      transport,
      listen,
      ...given({ certFile: cert_file, keyFile: key_file, caFile: ca_file }),
    })),
    sources: file.sources.map(({ name, from, hosts, vendor, tz, pattern_file }) => ({
      name,
      from: [from].flat().flatMap((text) => parsePrefix(text) ?? []),
      vendor,
      ...given({
        hosts: hosts === undefined ? undefined : [hosts].flat().map((text) => text.toLowerCase()),
        zone: tz === undefined ? undefined : parseZone(tz),
        patternFile: pattern_file,
      }),
    })),
    maxOpen: file.max_open,
    silenceUs: parseDuration(file.silence) ?? 0,
    forgetUs: parseDuration(file.forget) ?? 0,
  }
}
