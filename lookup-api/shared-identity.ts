import { coalesce } from './coalesce.ts'
import type { HolderQuery, IdentityQueries, TimeWindow } from './dependencies.ts'

/** Questions that share a round trip. */
const together = 128

/** Holdings that are read for one of them; an address with more is asked for by itself. */
const sharedHoldings = 32

/** The same look-ups, of which those that are made side by side share round trips. */
export function shareIdentity(identity: IdentityQueries): IdentityQueries {
  const { many } = identity
  if (many === undefined) return identity
  const findHoldings = coalesce(
    (asked: readonly HolderQuery[]) => many.findHoldings(asked),
    together
  )
  const sources = coalesce((asked: readonly TimeWindow[]) => many.sources(asked), together)
  return {
    ...identity,
    async findHoldings(query) {
      const limit = Math.min(query.limit, sharedHoldings)
      const found = await findHoldings({ ...query, limit })
      return found.length < sharedHoldings ? found : identity.findHoldings(query)
    },
    sources: (fromUs, toUs) => sources({ fromUs, toUs }),
  }
}
