import { createHash, randomBytes } from 'node:crypto'
import { parsePrefix } from '../model/address.ts'
import type { Prefix } from '../model/address.ts'
import { FlowledgerError } from '../model/errors.ts'
import { foldPerson } from '../model/principal.ts'
import type { RateLimit, TokenHolder } from '../model/principal.ts'
import type { Right, Role } from '../model/rights.ts'
import type { Database } from './database.ts'
import { fromInt8, fromNullableInt8, microseconds, toTimestamp } from './timestamp.ts'

/** A token without its secret. */
export interface TokenInfo {
  readonly name: string
  readonly role: Role
  readonly person: string | undefined
  readonly createdBy: string | undefined
  readonly rights: readonly Right[] | undefined
  /** As they were written: `192.0.2.0/24`. */
  readonly prefixes: readonly string[] | undefined
  readonly limit: RateLimit | undefined
  readonly createdUs: number
  readonly expiresUs: number | undefined
  readonly revokedUs: number | undefined
}

/** What a new token shall be; what is left out does not narrow it. */
export interface WantedToken {
  readonly name: string
  readonly role: Role
  readonly person?: string | undefined
  /** The person who makes it: they cannot approve their own wishes with it. */
  readonly createdBy?: string | undefined
  readonly rights?: readonly Right[] | undefined
  readonly prefixes?: readonly string[] | undefined
  readonly limit?: RateLimit | undefined
  /** Microseconds since 1970; left out: never. */
  readonly expiresUs?: number | undefined
}

/** Octets of randomness in a token: nobody guesses 256 bits, so no slow hash is needed. */
const secretBytes = 32

const tokenPattern = /^fl_[A-Za-z0-9_-]{43}$/

const maxPrefixes = 100

/** SQLSTATE of a name that is taken. */
const uniqueViolation = '23505'

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

const makeSecret = (): string => `fl_${randomBytes(secretBytes).toString('base64url')}`

const isName = (text: string): boolean =>
  text.trim() !== '' && text.length <= 200 && !/[\p{Cc}\p{Cs}]/u.test(text)

function checkWanted({ name, person, prefixes = [] }: WantedToken): void {
  if (!isName(name)) {
    throw new FlowledgerError('usage', 'The name of a token has 1 to 200 printable characters.')
  }
  // What a token without a person is called must never be the name of one.
  if (person !== undefined && (!isName(person) || /^(token|cli):/.test(foldPerson(person)))) {
    throw new FlowledgerError('usage', 'The name of a person has 1 to 200 printable characters.', {
      fix: 'Write it as the log-in gives it, such as an e-mail address.',
    })
  }
  const wrong = prefixes.find((text) => parsePrefix(text) === undefined)
  if (wrong !== undefined || prefixes.length > maxPrefixes) {
    const message = `"${wrong?.slice(0, 50) ?? `${prefixes.length} of them`}" is no prefix.`
    throw new FlowledgerError('usage', message, {
      fix: `Write at most ${maxPrefixes} like 192.0.2.0/24 or 2001:db8::/32.`,
    })
  }
}

/**
 * Makes a token; it is shown once, since only its SHA-256 is kept.
 *
 * @throws FlowledgerError `usage` where the name is empty, too long or taken, or a person or prefix
 *   is none
 */
export async function createToken(database: Database, wanted: WantedToken): Promise<string> {
  checkWanted(wanted)
  const { name, role, person, rights, prefixes, limit, expiresUs } = wanted
  const token = makeSecret()
  try {
    await database.query('make a token', {
      text: `insert into access.token (name, role, digest, expires_at, person, rights, prefixes,
               limit_count, limit_us, created_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      values: [
        name,
        role,
        digestOf(token),
        expiresUs === undefined ? null : toTimestamp(expiresUs),
        person?.trim() ?? null,
        rights ?? null,
        prefixes ?? null,
        limit?.count ?? null,
        limit?.perUs ?? null,
        wanted.createdBy ?? null,
      ],
    })
  } catch (error) {
    if ((error as FlowledgerError).details?.['sqlState'] !== uniqueViolation) throw error
    throw new FlowledgerError('usage', `There is a token "${name}" already.`, {
      fix: 'Choose another name; the names of revoked tokens stay taken, for the audit.',
    })
  }
  return token
}

/** A token's row, as far as it says who holds it. */
export interface HolderRow {
  readonly name: string
  readonly role: Role
  readonly person: string | null
  readonly created_by: string | null
  readonly rights: Right[] | null
  readonly prefixes: string[] | null
  readonly limit_count: number | null
  readonly limit_us: string | null
}

/** Columns of a {@link HolderRow}. */
export const holderColumns =
  'name, role, person, created_by, rights, prefixes, limit_count, limit_us'

/** SQL condition: the token can be used now. */
export const tokenInForce = 'revoked_at is null and (expires_at is null or expires_at > now())'

const limitOf = ({ limit_count: count, limit_us: us }: HolderRow): RateLimit | undefined =>
  count === null || us === null ? undefined : { count, perUs: fromInt8(us) }

/** All tokens, revoked ones too, oldest first. */
export async function listTokens(database: Database): Promise<readonly TokenInfo[]> {
  const rows = await database.query<
    HolderRow & { created: string; expires: string | null; revoked: string | null }
  >('list the tokens', {
    text: `select ${holderColumns}, ${microseconds('created_at')} as created,
             ${microseconds('expires_at')} as expires, ${microseconds('revoked_at')} as revoked
           from access.token order by id`,
  })
  return rows.map((row) => ({
    name: row.name,
    role: row.role,
    person: row.person ?? undefined,
    createdBy: row.created_by ?? undefined,
    rights: row.rights ?? undefined,
    prefixes: row.prefixes ?? undefined,
    limit: limitOf(row),
    createdUs: fromInt8(row.created),
    expiresUs: fromNullableInt8(row.expires),
    revokedUs: fromNullableInt8(row.revoked),
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
 * Gives a token that is in force a new secret; the old one ends at once.
 *
 * @returns the new secret; undefined where no token of that name is in force
 */
export async function rotateToken(database: Database, name: string): Promise<string | undefined> {
  const token = makeSecret()
  const rows = await database.query('rotate a token', {
    text: `update access.token set digest = $2 where name = $1 and revoked_at is null
             and (expires_at is null or expires_at > now()) returning name`,
    values: [name, digestOf(token)],
  })
  return rows.length > 0 ? token : undefined
}

/** A prefix that cannot be read any more opens nothing: the token is refused as a whole. */
function prefixesOf(texts: readonly string[]): readonly Prefix[] | undefined {
  const prefixes = texts.map(parsePrefix).filter((one) => one !== undefined)
  return prefixes.length === texts.length ? prefixes : undefined
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
): Promise<TokenHolder | undefined> {
  if (!tokenPattern.test(token)) return undefined
  const [row] = await database.query<HolderRow>('check a token', {
    name: 'check token',
    text: `select ${holderColumns} from access.token where digest = $1 and ${tokenInForce}`,
    values: [digestOf(token)],
  })
  return row === undefined ? undefined : holderOf(row)
}

/** Who holds the token of a row; undefined where what narrows it cannot be read any more. */
export function holderOf(row: HolderRow): TokenHolder | undefined {
  const prefixes = row.prefixes === null ? undefined : prefixesOf(row.prefixes)
  if (row.prefixes !== null && prefixes === undefined) return undefined
  const limit = limitOf(row)
  return {
    name: row.name,
    role: row.role,
    ...(row.person === null ? {} : { person: row.person }),
    ...(row.created_by === null ? {} : { createdBy: row.created_by }),
    ...(row.rights === null ? {} : { rights: row.rights }),
    ...(prefixes === undefined ? {} : { prefixes }),
    ...(limit === undefined ? {} : { limit }),
  }
}
