import { z } from 'zod'
import { parsePrefix, requireAddress } from './address.ts'
import type { Prefix } from './address.ts'
import { parseListen } from './endpoint-text.ts'
import type { EndpointText } from './endpoint-text.ts'
import { parseDuration, parseSize } from './quantity.ts'

/** Dialects of natEvent that a gateway can be said to speak. */
export const natEventDialects = ['rfc8158', 'historic', 'juniper', 'nokia', 'asa'] as const

export type NatEventDialect = (typeof natEventDialects)[number]

const listen = z
  .string({ error: 'must be ADDRESS:PORT such as 0.0.0.0:2055 or [::]:2055' })
  .refine((text) => parseListen(text) !== undefined, {
    error: 'must be ADDRESS:PORT such as 0.0.0.0:2055 or [::]:2055',
  })

function duration(error = 'must be a duration such as 30m') {
  return z
    .string({ error })
    .refine((text) => parseDuration(text.replace(/^-/, '')) !== undefined, { error })
}

const prefixError = 'must be an address or a prefix such as 192.0.2.1 or 2001:db8::/32'

const exporter = z.strictObject({
  address: z
    .string({ error: prefixError })
    .refine((text) => parsePrefix(text) !== undefined, { error: prefixError })
    .describe('Address that its datagrams come from, or a prefix of such.'),
  name: z
    .string()
    .min(1)
    .max(150)
    .optional()
    .describe('Name of the source in the ledger; left out: its address.'),
  port_in_key: z
    .boolean()
    .prefault(false)
    .describe('Exporters behind one address are told apart by the port that they send from.'),
  dialect: z
    .enum(natEventDialects)
    .optional()
    .describe('What its natEvent numbers mean; left out: learnt from what it sends.'),
  active_timeout: duration()
    .optional()
    .describe('Longest time after which it tells of a flow; left out: learnt, at least 30m.'),
  clock_offset: duration('must be a duration such as 2s or -500ms')
    .optional()
    .describe('Added to every time that it tells: a clock that is known to be wrong.'),
  trust_exporter_address: z
    .boolean()
    .prefault(false)
    .describe('Believe the address that it says it has (elements 130, 131): behind a relay.'),
  silence: duration()
    .optional()
    .describe('It never says nothing for longer: a longer silence is a gap. Left out: no bound.'),
  check_sequence: z
    .boolean()
    .prefault(true)
    .describe('false: its sequence numbers are known to be wrong; losses cannot be told then.'),
  sampling: z
    .int()
    .min(1)
    .optional()
    .describe('One of so many packets is counted, whatever it says; left out: what it says.'),
})

/** `collector.netflow` of the configuration. */
export const netflowSchema = z.strictObject({
  listen: z
    .array(listen, { error: 'must be a list of ADDRESS:PORT' })
    .max(16)
    .optional()
    .describe('UDP sockets; []: none. Left out: 127.0.0.1:2055, where that is free.'),
  tcp: z.array(listen).max(16).prefault([]).describe('TCP sockets for IPFIX.'),
  tls: z
    .strictObject({
      listen: z.array(listen).max(16).describe('TLS sockets for IPFIX.'),
      certificate: z.string().describe('PEM file of the certificate chain.'),
      key: z.string().describe('PEM file of the private key.'),
      client_ca: z
        .string()
        .optional()
        .describe('PEM file: exporters must show a certificate of this authority.'),
    })
    .optional(),
  receive_buffer: z
    .union([z.string(), z.number()])
    .refine((value) => (parseSize(String(value)) ?? -1) >= 65_536, {
      error: 'must be a size of at least 64KiB',
    })
    .prefault('64MiB')
    .describe("Each UDP socket's buffer; a larger one outlasts longer bursts."),
  exporters: z
    .array(exporter)
    .max(10_000)
    .prefault([])
    .describe('Who is listened to, and what is known of them; left out: everybody.'),
})

/** What is said of one exporter, or of those of a prefix. */
export interface NetflowExporterConfig {
  readonly prefix: Prefix
  readonly name?: string
  readonly portInKey: boolean
  readonly dialect?: NatEventDialect
  readonly activeTimeoutUs?: number
  /** After so long without a message what it saw may be lost, whatever its numbers say. */
  readonly silenceUs?: number
  readonly clockOffsetUs: number
  readonly trustExporterAddress: boolean
  readonly checkSequence: boolean
  readonly samplingInterval?: number
}

/** What the program uses of {@link netflowSchema}. */
export interface NetflowConfig {
  readonly listen: readonly EndpointText[]
  /** True where nobody said where to listen: it is no failure that the port is taken. */
  readonly isDefaultListen: boolean
  readonly tcp: readonly EndpointText[]
  readonly tls?: {
    readonly listen: readonly EndpointText[]
    readonly certificate: string
    readonly key: string
    readonly clientCa?: string
  }
  readonly receiveBufferBytes: number
  readonly exporters: readonly NetflowExporterConfig[]
}

function endpoints(texts: readonly string[]): readonly EndpointText[] {
  return texts.flatMap((text) => {
    const listenAt = parseListen(text)
    if (listenAt === undefined) return []
    const { host, port } = listenAt
    return { ip: requireAddress(host === 'localhost' ? '127.0.0.1' : host), port }
  })
}

function signedDuration(text: string): number {
  const us = parseDuration(text.replace(/^-/, '')) ?? 0
  return text.startsWith('-') ? -us : us
}

function exporterOf(one: z.output<typeof exporter>): NetflowExporterConfig {
  const prefix = parsePrefix(one.address)
  if (prefix === undefined) throw new Error('the schema let a wrong prefix through')
  return {
    prefix,
    portInKey: one.port_in_key,
    clockOffsetUs: one.clock_offset === undefined ? 0 : signedDuration(one.clock_offset),
    trustExporterAddress: one.trust_exporter_address,
    checkSequence: one.check_sequence,
    ...(one.name === undefined ? {} : { name: one.name }),
    ...(one.dialect === undefined ? {} : { dialect: one.dialect }),
    ...(one.active_timeout === undefined
      ? {}
      : { activeTimeoutUs: signedDuration(one.active_timeout) }),
    ...(one.silence === undefined ? {} : { silenceUs: signedDuration(one.silence) }),
    ...(one.sampling === undefined ? {} : { samplingInterval: one.sampling }),
  }
}

/** Turns the validated part of the file into what the program uses. */
export function netflowConfigOf(file: z.output<typeof netflowSchema>): NetflowConfig {
  const { tls } = file
  return {
    listen: endpoints(file.listen ?? ['127.0.0.1:2055']),
    isDefaultListen: file.listen === undefined,
    tcp: endpoints(file.tcp),
    receiveBufferBytes: parseSize(String(file.receive_buffer)) ?? 0,
    exporters: file.exporters.map(exporterOf),
    ...(tls === undefined
      ? {}
      : {
          tls: {
            listen: endpoints(tls.listen),
            certificate: tls.certificate,
            key: tls.key,
            ...(tls.client_ca === undefined ? {} : { clientCa: tls.client_ca }),
          },
        }),
  }
}
