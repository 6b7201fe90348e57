/** Who held inside addresses, and whose they were: the stores behind the ledger, for answers. */
import type { IdentityQueries } from './lookup-api/dependencies.ts'
import type { Database } from './store/database.ts'
import { makeFindHoldings, makeHoldingsOf, makeIdentitySources } from './store/identity-query.ts'

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
    holdingsOf: makeHoldingsOf(database),
    sources,
    connected: untilTrue(async () => {
      const heard = await sources(0, 0)
      return heard.some(({ lastHeardUs }) => lastHeardUs !== undefined)
    }),
  }
}
