import type { TokenHolder } from '../model/principal.ts'
import type { Database } from './database.ts'
import { liveSession, newSecret, secretDigest } from './session-secret.ts'
import { holderColumns, holderOf, tokenInForce } from './tokens.ts'
import type { HolderRow } from './tokens.ts'

/** The letter tells it from the session of a person who logged in elsewhere. */
const secretPattern = /^t\.[A-Za-z0-9_-]{43}$/

/**
 * Sessions of the web page that were begun with a token: what a browser keeps ends by itself, and
 * is never the token.
 */
export class TokenSessions {
  readonly #database: Database

  /** @param database a pool of the log-in `audit` */
  constructor(database: Database) {
    this.#database = database
  }

  /**
   * Begins a session of a token that was found to hold.
   *
   * @returns the session's secret, of which the SHA-256 alone is kept
   */
  async begin(
    token: string,
    { idleUs, validUs }: { readonly idleUs: number; readonly validUs: number }
  ): Promise<string> {
    const secret = `t.${newSecret()}`
    await this.#database.transaction('begin a session', async (client) => {
      await client.query(`delete from access.token_session s where not (${liveSession})`)
      await client.query(
        `insert into access.token_session (digest, token_digest, idle_us, expires_at)
         values ($1, $2, $3, now() + $4::int8 * interval '1 microsecond')`,
        [secretDigest(secret), secretDigest(token), idleUs, validUs]
      )
    })
    return secret
  }

  /** Whose token it was begun with; undefined where it is unknown, or either is over. */
  async check(secret: string): Promise<TokenHolder | undefined> {
    if (!secretPattern.test(secret)) return undefined
    const values = [secretDigest(secret)]
    const [row] = await this.#database.query<HolderRow & { stale: boolean }>('check a session', {
      name: 'check token session',
      text: `select ${holderColumns}, s.stale
             from (select token_digest, used_at < now() - interval '10 seconds' as stale
                   from access.token_session s where s.digest = $1 and ${liveSession}) s
               join access.token t on t.digest = s.token_digest
             where ${tokenInForce}`,
      values,
    })
    if (row === undefined) return undefined
    if (row.stale) {
      const text = 'update access.token_session set used_at = now() where digest = $1'
      await this.#database.query('keep a session', { text, values })
    }
    return holderOf(row)
  }

  /** Ends one session. */
  async end(secret: string): Promise<void> {
    const text = 'delete from access.token_session where digest = $1'
    await this.#database.query('end a session', { text, values: [secretDigest(secret)] })
  }
}
