import { join } from 'node:path'
import type { AccessRules } from './access-rules.ts'
import { accessRulesOf, oidcConfigOf } from './access-schema.ts'
import type { OidcConfig } from './access-schema.ts'
import { parsePrefix } from './address.ts'
import type { Prefix } from './address.ts'
import { reportsConfigOf } from './reports-settings.ts'
import type { ReportsConfig } from './reports-settings.ts'
import { retentionConfigOf } from './retention.ts'
import type { RetentionConfig } from './retention.ts'
import { applicationsConfigOf } from './application-settings.ts'
import type { ApplicationsConfig } from './application-settings.ts'
import { captureConfigOf } from './capture-settings.ts'
import type { CaptureConfig } from './capture-settings.ts'
import type { ConfigFile } from './config-schema.ts'
import type { DirectorySourceConfig } from './directory-sources.ts'
import { exportTargetOf } from './export-targets.ts'
import type { ExportTarget } from './export-targets.ts'
import { defaultIdentitySources, identitySourceOf } from './identity-sources.ts'
import type { IdentitySourceConfig } from './identity-sources.ts'
import { netflowConfigOf } from './netflow-settings.ts'
import type { NetflowConfig } from './netflow-settings.ts'
import { toNoticeRules } from './notices-settings.ts'
import type { NoticeRules } from './notices-settings.ts'
import { policyConfigOf } from './policy-settings.ts'
import type { PolicyConfig } from './policy-settings.ts'
import { parseDuration, parseSize } from './quantity.ts'
import { syslogConfigOf } from './syslog-sources.ts'
import type { SyslogConfig } from './syslog-sources.ts'
import { streamConfigOf } from './stream-settings.ts'
import type { StreamConfig } from './stream-settings.ts'

/**
 * URLs of an own PostgreSQL as the file has them, one log-in a role; those left out fall back on
 * `url`, and without that there is the embedded server.
 */
export type DatabaseUrls = ConfigFile['database']

/** A public prefix of ours, and the name of the source that sees it where that is said. */
export interface PublicNetwork {
  readonly prefix: Prefix
  readonly source?: string
}

/** What the operator says of whose addresses are whose. */
export interface ConfiguredNetworks {
  readonly inside: readonly Prefix[]
  readonly public: readonly PublicNetwork[]
}

/**
 * The configuration as the program uses it: every value read, units in the names. The file's form,
 * defaults and meaning of each are in config-schema.ts.
 */
export interface Config {
  readonly dataDir: string
  readonly database: DatabaseUrls
  readonly collector: {
    /** What the ledger calls this gateway; left out: as the host was called at the first start. */
    readonly name?: string
    readonly conntrack: {
      readonly enabled: 'auto' | boolean
      readonly activeTimeoutUs: number
      readonly receiveBufferBytes: number
    }
    /** Left out: connections are not classified. */
    readonly capture?: CaptureConfig
    readonly netflow: NetflowConfig
    readonly identity: readonly IdentitySourceConfig[]
    /** Left out: nobody's syslog is received. */
    readonly syslog?: SyslogConfig
  }
  readonly directory: readonly DirectorySourceConfig[]
  readonly exporter: { readonly targets: readonly ExportTarget[] }
  readonly spool: {
    readonly maxBytes: number
    readonly keepFreeBytes: number
    readonly syncIntervalMs: number
    readonly syncBytes: number
    readonly keepMs: number
  }
  readonly archive: {
    readonly directory: string
    /** Left out: nothing is sealed by itself. */
    readonly sealAfterUs?: number
  }
  readonly api: {
    /** `address:port`, checked already. */
    readonly listen: string
    /** Sockets of further collectors that are asked for open connections. */
    readonly collectors: readonly string[]
    readonly oidc?: OidcConfig
  }
  readonly applications: ApplicationsConfig
  /** Left out: flows are not streamed. */
  readonly stream?: StreamConfig
  /** Left out: nothing is done with connections. */
  readonly policy?: PolicyConfig
  readonly access: AccessRules
  readonly notices: NoticeRules
  readonly reports: ReportsConfig
  /** Left out: everything is kept. */
  readonly retention?: RetentionConfig
  /** Left out: learnt from what conntrack shows, and "not our address" is never claimed. */
  readonly networks?: ConfiguredNetworks
}

/** The schema has checked the text already: what cannot be read here is a defect of ours. */
function checked<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the configuration schema let a wrong ${what} through`)
  return value
}

const us = (text: string): number => checked(parseDuration(text), 'duration')
const bytes = (value: string | number): number => checked(parseSize(String(value)), 'size')
const prefix = (text: string): Prefix => checked(parsePrefix(text), 'prefix')

function networksOf(networks: NonNullable<ConfigFile['networks']>): ConfiguredNetworks {
  return {
    inside: networks.inside.map(prefix),
    public: networks.public.map((entry) => {
      if (typeof entry === 'string') return { prefix: prefix(entry) }
      const source = entry.source === undefined ? {} : { source: entry.source }
      return { prefix: prefix(entry.prefix), ...source }
    }),
  }
}

/** Turns a validated file into what the program uses. */
export function toConfig(file: ConfigFile): Config {
  const { conntrack, identity, name, syslog } = file.collector
  const { oidc } = file.api
  const capture = captureConfigOf(
    file.collector.capture,
    file.stream !== undefined || file.policy !== undefined
  )
  return {
    dataDir: file.data_dir,
    database: file.database,
    collector: {
      ...(name === undefined ? {} : { name }),
      conntrack: {
        enabled: conntrack.enabled,
        activeTimeoutUs: us(conntrack.active_timeout),
        receiveBufferBytes: bytes(conntrack.receive_buffer),
      },
      ...(capture === undefined ? {} : { capture }),
      netflow: netflowConfigOf(file.collector.netflow),
      identity: identity?.map(identitySourceOf) ?? defaultIdentitySources,
      ...(syslog === undefined ? {} : { syslog: syslogConfigOf(syslog) }),
    },
    directory: file.directory ?? [],
    exporter: { targets: file.exporter.targets.map(exportTargetOf) },
    spool: {
      maxBytes: bytes(file.spool.max_bytes),
      keepFreeBytes: bytes(file.spool.keep_free),
      syncIntervalMs: us(file.spool.sync_interval) / 1000,
      syncBytes: bytes(file.spool.sync_bytes),
      keepMs: us(file.spool.keep) / 1000,
    },
    archive: {
      directory: file.archive.directory ?? join(file.data_dir, 'archive'),
      ...(file.archive.seal_after === undefined
        ? {}
        : { sealAfterUs: us(file.archive.seal_after) }),
    },
    api: {
      listen: file.api.listen,
      collectors: file.api.collectors,
      ...(oidc === undefined ? {} : { oidc: oidcConfigOf(oidc) }),
    },
    applications: applicationsConfigOf(file.applications),
    ...(file.stream === undefined ? {} : { stream: streamConfigOf(file.stream) }),
    ...(file.policy === undefined ? {} : { policy: policyConfigOf(file.policy) }),
    access: accessRulesOf(file.access),
    notices: toNoticeRules(file.notices),
    reports: reportsConfigOf(file.reports),
    ...(file.retention === undefined ? {} : { retention: retentionConfigOf(file.retention) }),
    ...(file.networks === undefined ? {} : { networks: networksOf(file.networks) }),
  }
}
