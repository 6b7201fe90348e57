import { createHash, randomBytes } from 'node:crypto'
import { FlowledgerError } from '../model/errors.ts'
import type { Database } from './database.ts'
import { fromInt8, fromNullableInt8, microseconds, toTimestamp } from './timestamp.ts'

/** What the bearer of a token may do. */
export const tokenRoles = ['administrator', 'lookup', 'auditor'] as const

export type TokenRole = (typeof tokenRoles)[number]

/** A token without its secret. */
export interface TokenInfo {
  readonly name: string
  readonly role: TokenRole
  readonly createdUs: number
  readonly expiresUs: number | undefined
  readonly revokedUs: number | undefined
}

/** Octets of randomness in a token: nobody guesses 256 bits, so no slow hash is needed. */
const secretBytes = 32

const tokenPattern = /^fl_[A-Za-z0-9_-]{43}$/

/** SQLSTATE of a name that is taken. */
const uniqueViolation = '23505'

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

/**
 * Makes a token; it is shown once, since only its SHA-256 is kept.
 *
 * @param expiresUs microseconds since 1970; left out: never
 * @throws FlowledgerError `usage` where the name is empty, too long or taken
 */
export async function createToken(
  database: Database,
  wanted: { name: string; role: TokenRole; expiresUs?: number | undefined }
): Promise<string> {
  const { name, role, expiresUs } = wanted
  if (name === '' || name.length > 200 || /\p{Cc}/u.test(name)) {
    throw new FlowledgerError('usage', 'The name of a token has 1 to 200 printable characters.')
  }
  const token = `fl_${randomBytes(secretBytes).toString('base64url')}`
  const expires = expiresUs === undefined ? null : toTimestamp(expiresUs)
  try {
    await database.query('make a token', {
      text: 'insert into access.token (name, role, digest, expires_at) values ($1, $2, $3, $4)',
      values: [name, role, digestOf(token), expires],
    })
  } catch (error) {
    if ((error as FlowledgerError).details?.['sqlState'] !== uniqueViolation) throw error
    throw new FlowledgerError('usage', `There is a token "${name}" already.`, {
      fix: 'Choose another name; the names of revoked tokens stay taken, for the audit.',
    })
  }
  return token
}

/** All tokens, revoked ones too, oldest first. */
export async function listTokens(database: Database): Promise<readonly TokenInfo[]> {
  const rows = await database.query<{
    name: string
    role: TokenRole
    created: string
    expires: string | null
    revoked: string | null
  }>('list the tokens', {
    text: `select name, role, ${microseconds('created_at')} as created,
             ${microseconds('expires_at')} as expires, ${microseconds('revoked_at')} as revoked
           from access.token order by id`,
  })
  return rows.map(({ name, role, created, expires, revoked }) => ({
    name,
    role,
    createdUs: fromInt8(created),
    expiresUs: fromNullableInt8(expires),
    revokedUs: fromNullableInt8(revoked),
  }))
}

/**
 * Ends a token, from the next request on.
 *
 * @returns false where no token has that name, or it is revoked already
 */
export async function revokeToken(database: Database, name: string): Promise<boolean> {
  const rows = await database.query('revoke a token', {
    text: `update access.token set revoked_at = now()
           where name = $1 and revoked_at is null returning name`,
    values: [name],
  })
  return rows.length > 0
}

/**
 * Whose token it is; undefined where it is unknown, expired or revoked.
 *
 * The digest is looked up in an index, in a time that depends on it. That tells nothing: who learns
 * how far a digest matches cannot make a token whose SHA-256 goes on from there.
 */
export async function checkToken(
  database: Database,
  token: string
): Promise<{ name: string; role: TokenRole } | undefined> {
  if (!tokenPattern.test(token)) return undefined
  const rows = await database.query<{ name: string; role: TokenRole }>('check a token', {
    name: 'check token',
    text: `select name, role from access.token
           where digest = $1 and revoked_at is null and (expires_at is null or expires_at > now())`,
    values: [digestOf(token)],
  })
  return rows[0]
}
