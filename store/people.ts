import { foldPerson } from '../model/principal.ts'
import type { PersonHolder } from '../model/principal.ts'
import type { Role } from '../model/rights.ts'
import type { Database } from './database.ts'
import { liveSession, newSecret, secretDigest } from './session-secret.ts'
import { fromInt8, microseconds } from './timestamp.ts'

/** Whom a provider vouched for. */
export interface Account {
  readonly issuer: string
  /** The provider's own, lasting name of the account. */
  readonly subject: string
  /** As the provider names the person now. */
  readonly name: string
  readonly roles: readonly Role[]
}

/** Somebody who logged in at some time. */
export interface PersonInfo extends PersonHolder {
  readonly issuer: string
  readonly subject: string
  readonly firstLoginUs: number
  readonly lastLoginUs: number
  /** Sessions that have not ended. */
  readonly sessions: number
}

interface PersonRow {
  readonly name: string
  readonly person: string
  readonly roles: Role[]
}

const secretPattern = /^[A-Za-z0-9_-]{43}$/

/** People who log in, and their sessions. A session's secret is kept as its SHA-256 alone. */
export class PeopleStore {
  readonly #database: Database

  /** @param database a pool of the log-in `audit` */
  constructor(database: Database) {
    this.#database = database
  }

  /**
   * Begins a session. Which person an account is stands from its first log-in on: who changes their
   * name at the provider does not become another person.
   *
   * @returns the secret of the session, and who it is
   */
  async logIn(
    account: Account,
    { idleUs, validUs }: { readonly idleUs: number; readonly validUs: number }
  ): Promise<{ readonly secret: string; readonly holder: PersonHolder }> {
    const { issuer, subject, name, roles } = account
    const secret = newSecret()
    const holder = await this.#database.transaction('log in', async (client) => {
      const { rows } = await client.query<PersonRow>(
        `insert into access.person as p (issuer, subject, name, person, roles)
         values ($1, $2, $3, $4, $5) on conflict (issuer, subject) do update
           set name = excluded.name, roles = excluded.roles, last_login_at = now()
         returning name, person, roles`,
        [issuer, subject, name, foldPerson(name), roles]
      )
      await client.query(`delete from access.session s where not (${liveSession})`)
      await client.query(
        `insert into access.session (digest, issuer, subject, idle_us, expires_at)
         values ($1, $2, $3, $4, now() + $5::int8 * interval '1 microsecond')`,
        [secretDigest(secret), issuer, subject, idleUs, validUs]
      )
      return rows[0]
    })
    if (holder === undefined) throw new Error('The person vanished while they logged in.')
    return { secret, holder }
  }

  /** Whose session it is; undefined where it is unknown or over. */
  async check(secret: string): Promise<PersonHolder | undefined> {
    if (!secretPattern.test(secret)) return undefined
    const values = [secretDigest(secret)]
    const [row] = await this.#database.query<PersonRow & { stale: boolean }>('check a session', {
      name: 'check session',
      text: `select p.name, p.person, p.roles, s.used_at < now() - interval '10 seconds' as stale
             from access.session s join access.person p using (issuer, subject)
             where s.digest = $1 and ${liveSession}`,
      values,
    })
    if (row === undefined) return undefined
    if (row.stale) {
      const text = 'update access.session set used_at = now() where digest = $1'
      await this.#database.query('keep a session', { text, values })
    }
    return { name: row.name, person: row.person, roles: row.roles }
  }

  /** Ends one session. */
  async logOut(secret: string): Promise<void> {
    const text = 'delete from access.session where digest = $1'
    await this.#database.query('log out', { text, values: [secretDigest(secret)] })
  }

  /** Ends every session of a person; the number of those that were. */
  async endSessions(person: string): Promise<number> {
    const rows = await this.#database.query('end the sessions', {
      text: `delete from access.session s using access.person p
             where p.issuer = s.issuer and p.subject = s.subject and p.person = $1
             returning s.created_at`,
      values: [foldPerson(person)],
    })
    return rows.length
  }

  /** Everybody who ever logged in, by name. */
  async list(): Promise<readonly PersonInfo[]> {
    const rows = await this.#database.query<
      PersonRow & {
        issuer: string
        subject: string
        first: string
        last: string
        sessions: string
      }
    >('list the people', {
      text: `select p.name, p.person, p.roles, p.issuer, p.subject,
               ${microseconds('p.first_login_at')} as first,
               ${microseconds('p.last_login_at')} as last,
               (select count(*) from access.session s where s.issuer = p.issuer
                  and s.subject = p.subject and ${liveSession}) as sessions
             from access.person p order by p.person, p.issuer, p.subject limit 10000`,
    })
    return rows.map((row) => ({
      name: row.name,
      person: row.person,
      roles: row.roles,
      issuer: row.issuer,
      subject: row.subject,
      firstLoginUs: fromInt8(row.first),
      lastLoginUs: fromInt8(row.last),
      sessions: Number(row.sessions),
    }))
  }
}
