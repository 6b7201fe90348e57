import { z } from 'zod'
import { parsePrefix } from './address.ts'
import type { Prefix } from './address.ts'
import { parseListen } from './endpoint-text.ts'
import { parseZone } from './time-zone.ts'
import type { Zone } from './time-zone.ts'

/** The section `collector.identity` of the configuration, see config-schema.ts. */

/** Formats of files that can be followed. */
export const identityFileKinds = [
  'dhcpd',
  'kea',
  'kea-legal',
  'dnsmasq',
  'radius-detail',
  'radacct',
  'logins',
  'hostapd',
] as const

export type IdentityFileKind = (typeof identityFileKinds)[number]

function isZone(text: string): boolean {
  try {
    parseZone(text)
    return true
  } catch {
    return false
  }
}

const sourceName = z
  .string()
  .regex(/^[^\p{Cc}]{1,64}$/u, { error: 'must be 1 to 64 characters' })
  .optional()

const absolutePath = z
  .string({ error: 'must be the path of a file' })
  .startsWith('/', { error: 'must be an absolute path' })

const pattern = z.string().min(1).max(1000)

const sharedUsers = z.array(z.string().min(1).max(253)).prefault([])

const fileSource = z.strictObject({
  kind: z.enum(identityFileKinds),
  path: absolutePath,
  name: sourceName,
  tz: z
    .string()
    .refine(isZone, { error: 'must be a zone such as Europe/Berlin, UTC or +01:00' })
    .optional(),
  pattern: z.union([pattern, z.array(pattern).min(1).max(32)]).optional(),
  shared_users: sharedUsers,
})

const client = z
  .strictObject({
    name: z.string().regex(/^[^\p{Cc}]{1,64}$/u, { error: 'must be 1 to 64 characters' }),
    prefix: z.string().refine((text) => parsePrefix(text) !== undefined, {
      error: 'must be an address or prefix such as 10.0.0.1 or 10.0.0.0/24, no bits set behind it',
    }),
    secret: z.string().min(1).max(256).optional(),
    secret_file: absolutePath.optional(),
  })
  .refine(({ secret, secret_file }) => (secret === undefined) !== (secret_file === undefined), {
    error: 'needs either secret_file or secret',
  })

const radiusSource = z.strictObject({
  kind: z.literal('radius'),
  name: sourceName,
  listen: z
    .string()
    .refine((text) => parseListen(text) !== undefined, {
      error: 'must be ADDRESS:PORT such as 192.0.2.1:1813 or [::]:1813',
    })
    .prefault('[::]:1813'),
  clients: z.array(client).min(1, { error: 'must name who may send: a list of clients' }).max(4096),
  shared_users: sharedUsers,
})

const neighbourSource = z.strictObject({
  kind: z.literal('neighbours'),
  name: sourceName,
  interfaces: z
    .array(z.string().regex(/^[^\s/]{1,15}$/))
    .min(1)
    .optional(),
})

const kinds = [...identityFileKinds, 'radius', 'neighbours'].join(', ')

/** What two sources may not have in common. */
function placeOf(source: { kind: string; name?: string | undefined; path?: string }): string {
  return source.name ?? `${source.kind} ${source.path ?? ''}`
}

/** A list of sources; what each key means stands in docs/how-to/radius-accounting.md. */
export const identitySourcesSchema = z
  .array(
    z.discriminatedUnion('kind', [fileSource, radiusSource, neighbourSource], {
      error: `must be one of ${kinds}`,
    }),
    { error: 'must be a list of sources' }
  )
  .superRefine((sources, context) => {
    for (const [index, source] of sources.entries()) {
      const first = sources.findIndex((each) => placeOf(each) === placeOf(source))
      if (first === index) continue
      const message = 'stands there twice; give each source a name of its own'
      context.addIssue({ code: 'custom', path: [index], message })
    }
  })

/** A file that is followed. */
export interface IdentityFileSource {
  readonly kind: IdentityFileKind
  readonly path: string
  readonly name?: string
  /** Zone of times in it that name none. */
  readonly zone?: Zone
  readonly patterns?: readonly string[]
  readonly sharedUsers: readonly string[]
}

/** Who may send RADIUS accounting; the secret stands in one of the two. */
export interface RadiusClientConfig {
  readonly name: string
  readonly prefix: Prefix
  readonly secret?: string
  readonly secretFile?: string
}

/** A RADIUS accounting server of ours. */
export interface RadiusSource {
  readonly kind: 'radius'
  readonly name?: string
  /** `address:port`, checked already. */
  readonly listen: string
  readonly clients: readonly RadiusClientConfig[]
  readonly sharedUsers: readonly string[]
}

/** This host's neighbour table. */
export interface NeighbourSource {
  readonly kind: 'neighbours'
  readonly name?: string
  /** Left out: all. */
  readonly interfaces?: readonly string[]
  /** Nobody asked for it: where it is not permitted, that is only told. */
  readonly auto: boolean
}

/** A source of identities as the program uses it. */
export type IdentitySourceConfig = IdentityFileSource | RadiusSource | NeighbourSource

/** Nothing configured: the neighbour table, where that is permitted. */
export const defaultIdentitySources: readonly IdentitySourceConfig[] = [
  { kind: 'neighbours', auto: true },
]

/** Says of a log-in whether any source names it among those that several people use. */
export function sharedUsersOf(sources: readonly IdentitySourceConfig[]): (user: string) => boolean {
  const names = sources.flatMap((source) => ('sharedUsers' in source ? source.sharedUsers : []))
  const shared = new Set(names.map((user) => user.toLowerCase()))
  return (user) => shared.has(user.toLowerCase())
}

type Written = z.output<typeof identitySourcesSchema>[number]

function clientOf({ name, prefix, secret, secret_file }: z.output<typeof client>) {
  const parsed = parsePrefix(prefix)
  if (parsed === undefined) throw new Error('the schema let a wrong prefix through')
  return {
    name,
    prefix: parsed,
    ...(secret === undefined ? {} : { secret }),
    ...(secret_file === undefined ? {} : { secretFile: secret_file }),
  }
}

/** Reads one source of a validated file. */
export function identitySourceOf(source: Written): IdentitySourceConfig {
  const named = source.name === undefined ? {} : { name: source.name }
  if (source.kind === 'radius') {
    const { kind, listen, clients, shared_users } = source
    return { kind, ...named, listen, clients: clients.map(clientOf), sharedUsers: shared_users }
  }
  if (source.kind === 'neighbours') {
    const { kind, interfaces } = source
    return { kind, ...named, auto: false, ...(interfaces === undefined ? {} : { interfaces }) }
  }
  const { kind, path, tz, pattern: patterns, shared_users } = source
  return {
    kind,
    path,
    ...named,
    ...(tz === undefined ? {} : { zone: parseZone(tz) }),
    ...(patterns === undefined ? {} : { patterns: [patterns].flat() }),
    sharedUsers: shared_users,
  }
}
