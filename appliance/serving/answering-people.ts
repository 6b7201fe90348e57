/** Who held inside addresses, and whose they were: the stores behind the ledger, for answers. */
import { createHash } from 'node:crypto'
import type { AuditLog, DirectoryQueries, IdentityQueries } from '../../lookup-api/dependencies.ts'
import type { Config } from '../../model/config.ts'
import type { HttpDirectoryConfig } from '../../model/directory-sources.ts'
import { formatInstant } from '../../model/time.ts'
import type { Database } from '../../store/database.ts'
import { HttpDirectory } from '../../store/directory-http.ts'
import type { OnDirectoryCall } from '../../store/directory-http.ts'
import {
  listDirectories,
  makeFindSubscribers,
  showSubscriber,
} from '../../store/directory-query.ts'
import { makeFindManyHoldings, makeManyIdentitySources } from '../../store/identity-many.ts'
import {
  makeFindHoldings,
  makeHoldingsOf,
  makeIdentitySources,
} from '../../store/identity-query.ts'
import { makeInsideHoldings } from '../../store/inside-holdings.ts'

/** How long it is believed that nobody has reported yet (ms). */
const freshMs = 5_000

/** Remembers for good that something is there, and for a short time that it is not. */
export function untilTrue(ask: () => Promise<boolean>): () => Promise<boolean> {
  let isTrue = false
  let askedMs = -Infinity
  return async () => {
    if (isTrue || performance.now() - askedMs < freshMs) return isTrue
    isTrue = await ask()
    askedMs = performance.now()
    return isTrue
  }
}

/** @param database a pool of the log-in `identity` */
export function makeIdentityQueries(database: Database): IdentityQueries {
  const sources = makeIdentitySources(database)
  return {
    findHoldings: makeFindHoldings(database),
    many: {
      findHoldings: makeFindManyHoldings(database),
      sources: makeManyIdentitySources(database),
    },
    holdingsOf: makeHoldingsOf(database),
    inside: makeInsideHoldings(database),
    sources,
    connected: untilTrue(async () => {
      const heard = await sources(0, 0)
      return heard.some(({ lastHeardUs }) => lastHeardUs !== undefined)
    }),
  }
}

/** That somebody else's system was asked is on record; by what, as a digest: it names a person. */
function recordCalls(audit: AuditLog): OnDirectoryCall {
  return async ({ directory, key: { type, value }, atUs }) => {
    const digest = createHash('sha256').update(`${type} ${value}`).digest('hex')
    const detail = { directory, type, key_sha256: digest, at: formatInstant(atUs) }
    await audit.appendAudit({ actor: 'flowledger', action: 'directory-call', detail })
  }
}

/**
 * @param database a pool of the log-in `directory`
 * @param audit where calls to a provider's own system are written before they are made
 */
export function makeDirectoryQueries(
  { directory }: Config,
  database: Database,
  audit: AuditLog
): DirectoryQueries {
  const overHttp = directory
    .filter((one): one is HttpDirectoryConfig => one.kind === 'http')
    .map((one) => new HttpDirectory(one, recordCalls(audit)))
  return {
    findSubscribers: makeFindSubscribers(database, overHttp),
    async keysOf(id) {
      const versions = await showSubscriber(database, id)
      return versions
        .filter(({ superseded }) => !superseded)
        .flatMap(({ keys, directory: name, fromUs, toUs }) =>
          (keys ?? []).map(({ type, value }) => ({ type, value, directory: name, fromUs, toUs }))
        )
    },
    connected: untilTrue(
      async () => overHttp.length > 0 || (await listDirectories(database)).length > 0
    ),
  }
}
