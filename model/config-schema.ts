import { z } from 'zod'
import { accessSchema, oidcSchema } from './access-schema.ts'
import { parsePrefix } from './address.ts'
import { applicationsSchema } from './application-settings.ts'
import { captureSchema } from './capture-settings.ts'
import { parseListen } from './endpoint-text.ts'
import { exporterSchema } from './export-targets.ts'
import { directorySourcesSchema } from './directory-sources.ts'
import { identitySourcesSchema } from './identity-sources.ts'
import { maxSliceUs } from './limits.ts'
import { netflowSchema } from './netflow-settings.ts'
import { noticesSchema } from './notices-settings.ts'
import { policyConfigSchema } from './policy-settings.ts'
import { parseDuration, parseSize } from './quantity.ts'
import { reportsSchema } from './reports-settings.ts'
import { retentionSchema } from './retention.ts'
import { syslogSchema } from './syslog-sources.ts'
import { streamSchema } from './stream-settings.ts'

/**
 * The configuration, once: what may stand in the file, in which form, what it means and what it is
 * when left out. The reference page, the environment variables and `check-config` follow from it.
 * Every key here is one that this version acts on.
 */

function duration(least: string, most: string) {
  const [shortest, longest] = [parseDuration(least) ?? 0, parseDuration(most) ?? 0]
  return z.string({ error: `must be a duration such as ${most}` }).refine(
    (text) => {
      const us = parseDuration(text)
      return us !== undefined && us >= shortest && us <= longest
    },
    { error: `must be a duration between ${least} and ${most}, such as 30s or 5m` }
  )
}

function size(least: string) {
  const fewest = parseSize(least) ?? 0
  const error = `must be a size of at least ${least}, such as 64MiB or 10GB`
  return z
    .union([z.string(), z.number()], { error })
    .refine((value) => (parseSize(String(value)) ?? -1) >= fewest, { error })
}

function postgresUrl() {
  const error = 'must be a URL of the form postgres://user:password@host:5432/database'
  return z
    .string({ error })
    .refine((text) => /^postgres(ql)?:/.test(text) && URL.canParse(text), { error })
}

/** `address:port` of a socket to listen on; `localhost` is the one name that is taken. */
function listenAddress() {
  const error = 'must be ADDRESS:PORT such as 127.0.0.1:8080 or [::1]:8080'
  return z.string({ error }).refine((text) => parseListen(text) !== undefined, { error })
}

const prefixError = 'must be a prefix such as 10.0.0.0/8 or 2001:db8::/32, no bits set behind it'

function prefix() {
  return z
    .string({ error: prefixError })
    .refine((text) => parsePrefix(text) !== undefined, { error: prefixError })
}

const sourceNameError = 'must be a name without white space, 200 characters at most'

const socketError = 'must be the path of a socket, such as /run/flowledger/inner.sock'

function socketPath() {
  return z
    .string({ error: socketError })
    .refine((text) => /^\/[^\0]{1,106}$/.test(text), { error: socketError })
}

const publicNetwork = z.union(
  [prefix(), z.strictObject({ prefix: prefix(), source: z.string().optional() })],
  { error: `${prefixError}, or {prefix: …, source: …}` }
)

const database = z
  .strictObject({
    url: postgresUrl()
      .optional()
      .describe('PostgreSQL (15 or newer) that holds the ledger; left out: the embedded server.'),
    owner_url: postgresUrl()
      .optional()
      .describe('Log-in that owns the schemas, used by migrate alone; left out: url.'),
    lookup_url: postgresUrl()
      .optional()
      .describe('Log-in flowledger_lookup, which reads the ledger; left out: url.'),
    identity_url: postgresUrl()
      .optional()
      .describe('Log-in flowledger_identity: who held an inside address; left out: url.'),
    directory_url: postgresUrl()
      .optional()
      .describe('Log-in flowledger_directory: subscribers; left out: url.'),
    audit_url: postgresUrl()
      .optional()
      .describe('Log-in flowledger_audit, which appends to the audit; left out: url.'),
  })
  .refine(
    ({ url, ...others }) =>
      url !== undefined || Object.values(others).every((other) => other === undefined),
    { error: 'needs url beside the URLs of the other log-ins' }
  )

const conntrack = z.strictObject({
  enabled: z
    .union([z.literal('auto'), z.boolean()], { error: 'must be auto, true or false' })
    .prefault('auto')
    .describe('auto: followed where permitted; true: refuse to start without; false: not.'),
  active_timeout: duration('10s', `${maxSliceUs / 60e6}m`)
    .prefault('30m')
    .describe('A connection that lasts longer is written to the ledger in slices this long.'),
  receive_buffer: size('64KiB')
    .prefault('64MiB')
    .describe("The netlink socket's buffer; a larger one outlasts longer bursts of events."),
})

const spool = z.strictObject({
  max_bytes: size('128MiB')
    .prefault('10GiB')
    .describe('Most that the spool of one kind of source may take on disk.'),
  keep_free: size('0')
    .prefault('256MiB')
    .describe('What the spool leaves free of its disk, for the database and for others.'),
  sync_interval: duration('1ms', '60s')
    .prefault('200ms')
    .describe('Longest time between an event and its being safe on disk.'),
  sync_bytes: size('4KiB')
    .prefault('8MiB')
    .describe('Most that an interval may gather before it is forced to disk early.'),
  keep: duration('0s', '30d')
    .prefault('24h')
    .describe('How long what the database has is kept for a restore of the database.'),
})

const archive = z.strictObject({
  directory: z
    .string({ error: 'must be a directory' })
    .refine((text) => text.startsWith('/'), { error: 'must be an absolute path' })
    .optional()
    .describe('Folder of the sealed hours, also of a mounted store; left out: DATA_DIR/archive.'),
  seal_after: duration('1h', '3650d')
    .optional()
    .describe(
      'Hours that ended this long ago are sealed (how-to/archive.md); left out: by `seal`.'
    ),
})

const fileSchema = z.strictObject({
  data_dir: z
    .string({ error: 'must be a directory' })
    .refine((text) => text.startsWith('/'), { error: 'must be an absolute path' })
    .describe('Spool, embedded database, credentials. Made on the first start.'),
  database: database.prefault({}),
  collector: z
    .strictObject({
      name: z
        .string({ error: sourceNameError })
        .regex(/^[^\s\p{C}]{1,200}$/u, { error: sourceNameError })
        .optional()
        .describe(
          'What the ledger calls this gateway, another for each; left out: the name of the host.'
        ),
      conntrack: conntrack.prefault({}),
      capture: captureSchema
        .optional()
        .describe(
          'First packets, by which connections are classified (how-to/stream.md); ' +
            'left out: as by default where there is a stream or a policy, else none.'
        ),
      netflow: netflowSchema.prefault({}),
      identity: identitySourcesSchema
        .optional()
        .describe(
          'Who held an inside address: files, RADIUS, neighbours (how-to/radius-accounting.md). ' +
            "Left out: this host's neighbours where permitted; []: nothing."
        ),
      syslog: syslogSchema
        .optional()
        .describe('NAT logs of other gateways by syslog (how-to/syslog-nat.md); left out: none.'),
    })
    .prefault({}),
  directory: directorySourcesSchema
    .optional()
    .describe('Where subscribers are known: CSV files, queries, HTTP (how-to/directory.md).'),
  spool: spool.prefault({}),
  archive: archive.prefault({}),
  exporter: exporterSchema.prefault({}),
  api: z
    .strictObject({
      listen: listenAddress().prefault('127.0.0.1:8080').describe('Where the look-up API listens.'),
      collectors: z
        .array(socketPath(), { error: socketError })
        .prefault([])
        .describe(
          'Sockets (collector.sock) of further gateways: asked for what is open there ' +
            '(how-to/several-gateways.md).'
        ),
      oidc: oidcSchema.optional(),
    })
    .prefault({}),
  applications: applicationsSchema.prefault({}),
  stream: streamSchema.optional(),
  policy: policyConfigSchema
    .optional()
    .describe('What is done with connections by what they are; left out: nothing.'),
  access: accessSchema.prefault({}),
  notices: noticesSchema.prefault({}),
  reports: reportsSchema.prefault({}),
  retention: retentionSchema
    .optional()
    .describe('How long what is kept (how-to/retention.md); left out: for ever.'),
  networks: z
    .strictObject({
      inside: z
        .array(prefix(), { error: 'must be a list of prefixes' })
        .prefault([])
        .describe('Prefixes of our customers: says which end of an untranslated flow is ours.'),
      public: z
        .array(publicNetwork, { error: 'must be a list of prefixes' })
        .prefault([])
        .describe('Our public prefixes, and which source sees each.'),
    })
    .optional(),
})

/** The file's schema: input as people write it. `toConfig` gives what the program uses. */
export const configSchema = fileSchema.refine(
  ({ applications, collector }) =>
    applications.personal === 'keep' || collector.capture?.unknown === undefined,
  {
    path: ['collector', 'capture', 'unknown'],
    error: 'cannot be together with applications.personal: packets hold what that hides',
  }
)

/** A validated configuration file, as written. */
export type ConfigFile = z.output<typeof configSchema>
