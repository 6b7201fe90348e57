import { isIP } from 'node:net'
import { z } from 'zod'
import { subscriberKeyTypes } from './identity.ts'
import { parseDuration } from './quantity.ts'

/** The section `directory` of the configuration, see config-schema.ts. */

const name = z
  .string()
  .regex(/^[^\p{Cc}]{1,64}$/u, { error: 'must be 1 to 64 characters' })
  .optional()

const field = z.string().min(1).max(200)
const fields = z.union([field, z.array(field).min(1).max(16)]).optional()

/**
 * Which column (or path in a JSON answer) holds what. Keys of one kind may stand in several
 * columns.
 */
const columns = z
  .strictObject({
    id: field,
    name: field.optional(),
    contact: field.optional(),
    shared: field.optional(),
    valid_from: field.optional(),
    valid_to: field.optional(),
    attributes: z.array(field).max(32).optional(),
    user: fields,
    mac: fields,
    duid: fields,
    client_id: fields,
    circuit_id: fields,
    remote_id: fields,
    prefix: fields,
  })
  .describe('Which column holds the id, and which the keys.')

/** Names of the columns of {@link DirectoryColumns} that hold keys, and the type of each. */
export const keyColumns = {
  user: 'user',
  mac: 'mac',
  duid: 'duid',
  client_id: 'client-id',
  circuit_id: 'circuit-id',
  remote_id: 'remote-id',
  prefix: 'prefix',
} as const satisfies Readonly<Record<string, (typeof subscriberKeyTypes)[number]>>

const keyNames = Object.keys(keyColumns) as readonly (keyof typeof keyColumns)[]

/** Without a key nobody can be found. */
const keyedColumns = columns.refine((given) => keyNames.some((each) => given[each] !== undefined), {
  error: `must name a column for at least one key: ${keyNames.join(', ')}`,
})

const csv = z.strictObject({
  kind: z.literal('csv'),
  name,
  path: z
    .string({ error: 'must be the path of a file' })
    .startsWith('/', { error: 'must be an absolute path' }),
  delimiter: z.enum([',', ';', '\t', '|']).prefault(','),
  columns: keyedColumns,
})

const sql = z.strictObject({
  kind: z.literal('sql'),
  name,
  url: z.string().refine((text) => /^postgres(ql)?:/.test(text) && URL.canParse(text), {
    error: 'must be a URL of the form postgres://user:password@host:5432/database',
  }),
  query: z.string().min(1).max(20_000),
  columns: keyedColumns,
})

/** True for a host that is this machine: only there may a question travel in clear text. */
function isLocal(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '')
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'))
}

/** A URL with the placeholders filled, to see whether it can be one. */
function isEndpoint(text: string): boolean {
  const filled = text.replaceAll(/\{(type|value|at)\}/g, 'x')
  if (!URL.canParse(filled)) return false
  const url = new URL(filled)
  const host = /^[a-z]+:\/\/([^/?#]*)/.exec(text)?.[1] ?? ''
  // What is asked for must never choose whom it is sent to.
  if (host.includes('{') || /[{}]/.test(filled)) return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLocal(url.hostname))
}

const timeout = z.string().refine(
  (text) => {
    const us = parseDuration(text)
    return us !== undefined && us >= 1e5 && us <= 60e6
  },
  { error: 'must be a duration between 100ms and 60s' }
)

const ttl = z.string().refine((text) => (parseDuration(text) ?? Infinity) <= 86_400e6, {
  error: 'must be a duration of at most 1d, such as 5m',
})

const http = z
  .strictObject({
    kind: z.literal('http'),
    name,
    url: z.string().refine(isEndpoint, {
      error:
        'must be an https:// URL (http:// to this machine only) with {type}, {value} and {at} ' +
        'where they belong, none of them in the host',
    }),
    method: z.enum(['GET', 'POST']).prefault('GET'),
    body: z.string().max(20_000).optional(),
    headers: z.record(z.string().regex(/^[A-Za-z0-9-]{1,64}$/), z.string().max(4096)).optional(),
    keys: z.array(z.enum(subscriberKeyTypes)).min(1),
    subscribers: z.string().max(200).prefault(''),
    columns,
    timeout: timeout.prefault('2s'),
    cache: ttl.prefault('5m'),
  })
  .refine(({ url, body = '' }) => `${url}${body}`.includes('{value}'), {
    error: 'must have {value} in its url or body',
  })
  .refine(
    ({ url, body = '', columns: { valid_from } }) =>
      `${url}${body}`.includes('{at}') || valid_from !== undefined,
    {
      error:
        'must say whose a key was at the time asked for: {at} in its url or body, or ' +
        'columns.valid_from',
    }
  )

/** One directory as it is written in the file. */
export const directorySourcesSchema = z
  .array(z.discriminatedUnion('kind', [csv, sql, http]), { error: 'must be a list of directories' })
  .refine((list) => new Set(list.map(directoryName)).size === list.length, {
    error: 'must give each directory a name of its own',
  })

/** A directory that is asked or loaded. */
export type DirectorySourceConfig = z.output<typeof directorySourcesSchema>[number]

/** A directory that is asked over HTTP at the time of the question. */
export type HttpDirectoryConfig = z.output<typeof http>

/** A directory that is loaded into the database in versions. */
export type LoadedDirectoryConfig = z.output<typeof csv> | z.output<typeof sql>

/** Which column holds what. */
export type DirectoryColumns = z.output<typeof columns>

/** What a directory is called in answers and versions. */
export function directoryName(source: {
  readonly kind: string
  readonly name?: string | undefined
}) {
  return source.name ?? source.kind
}
