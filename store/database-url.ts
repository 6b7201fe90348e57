import { parse } from 'pg-connection-string'
import { FlowledgerError } from '../model/errors.ts'
import type { Credentials } from './credentials.ts'
import { loginNames, roleOf } from './logins.ts'
import type { Login } from './logins.ts'

/** One URL for each log-in. */
export type DatabaseUrls = Readonly<Record<Login, string>>

/** The section `database` of the configuration, as far as it names servers. */
export interface DatabaseSection {
  readonly url?: string | undefined
  readonly owner_url?: string | undefined
  readonly lookup_url?: string | undefined
  readonly identity_url?: string | undefined
  readonly directory_url?: string | undefined
  readonly audit_url?: string | undefined
}

/** Where a URL leads, for messages: never with its password. */
export interface Place {
  readonly place: string
  readonly user: string
  readonly database: string
}

/** Reads a URL for people. */
export function placeOf(url: string): Place {
  try {
    const { host, port, user, database } = parse(url)
    const where = host === null || host === '' ? 'localhost' : host
    const place = where.startsWith('/') ? where : `${where}:${port || '5432'}`
    return { place, user: user ?? '', database: database ?? user ?? '' }
  } catch {
    throw new FlowledgerError('config-invalid', 'The database URL cannot be read.', {
      fix: 'Write it as postgres://USER:PASSWORD@HOST:5432/DATABASE.',
    })
  }
}

/** The URL without its password, for logs. */
export function maskUrl(url: string): string {
  const { place, user, database } = placeOf(url)
  return `postgres://${user}@${place.startsWith('/') ? `[${place}]` : place}/${database}`
}

/** The URL of a log-in to the embedded server, over its unix socket. */
export function embeddedUrl(
  server: { socketDir: string; port: number; credentials: Credentials },
  login: Login,
  database: string
): string {
  const query = new URLSearchParams({
    host: server.socketDir,
    port: String(server.port),
    user: roleOf(login),
    password: server.credentials[login],
  })
  return `postgres:///${database}?${query.toString()}`
}

/** The URLs of all log-ins to the embedded server. */
export function embeddedUrls(server: {
  socketDir: string
  port: number
  credentials: Credentials
}): DatabaseUrls {
  return Object.fromEntries(
    loginNames.map((login) => [login, embeddedUrl(server, login, 'flowledger')])
  ) as DatabaseUrls
}

/**
 * The URLs of an own server: each log-in's own where it is given, else `url` for all of them.
 *
 * @returns undefined where no server is named, which means the embedded one
 */
export function externalUrls(section: DatabaseSection): DatabaseUrls | undefined {
  const { url } = section
  if (url === undefined) return undefined
  return {
    owner: section.owner_url ?? url,
    collector: url,
    lookup: section.lookup_url ?? url,
    identity: section.identity_url ?? url,
    directory: section.directory_url ?? url,
    audit: section.audit_url ?? url,
  }
}
