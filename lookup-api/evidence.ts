import type { SourceCoverage } from '../model/coverage.ts'
import { FlowledgerError } from '../model/errors.ts'
import { maxLookupRows } from '../model/limits.ts'
import type { OpenFlowsAnswer } from '../model/open-flows.ts'
import type { SliceQuery } from '../model/slice.ts'
import type { AnswerDependencies } from './dependencies.ts'
import type { LookupQuery } from './query.ts'
import type { Evidence } from './verdict.ts'

/** Open flows that begin up to this long after the window are read: no clock is further off. */
const maxSkewUs = 600e6

/** Open flows of every source within reach; undefined where no collector can be asked. */
async function readOpenFlows(
  query: LookupQuery,
  slices: SliceQuery,
  { openFlows }: AnswerDependencies
): Promise<readonly OpenFlowsAnswer[] | undefined> {
  // With a port, flows that began their present slice after the window are read too: they say that
  // a connection which the ledger shows in the window is open still.
  const toUs =
    query.port === undefined ? Math.min(query.toUs + maxSkewUs, query.nowUs) : query.nowUs
  try {
    return await openFlows.query({ ...slices, toUs: Math.max(toUs, slices.toUs) })
  } catch (error) {
    if (error instanceof FlowledgerError && error.code === 'not-running') return undefined
    throw error
  }
}

/** Of two readings of a source the earlier progress and the later gaps: what both can vouch for. */
function soberly(
  before: readonly SourceCoverage[],
  after: readonly SourceCoverage[]
): SourceCoverage[] {
  const earlier = new Map(before.map((source) => [source.source, source]))
  return after.map((source) => {
    const { closedThroughUs = 0, watermarkUs = 0, skewUs = 0 } = earlier.get(source.source) ?? {}
    return Object.assign({}, source, {
      closedThroughUs: Math.min(closedThroughUs, source.closedThroughUs),
      watermarkUs: Math.min(watermarkUs, source.watermarkUs),
      skewUs: Math.max(skewUs, source.skewUs),
    })
  })
}

/**
 * Reads what a question is judged by. The order is what makes `no-match` sound: progress is read
 * first, so that it vouches for nothing that the ledger got later; then the collector, which
 * commits every flow that has ended; then the ledger, which so misses none; and gaps last, so that
 * one found meanwhile counts.
 */
export async function gather(query: LookupQuery, deps: AnswerDependencies): Promise<Evidence> {
  const { ledger, networks } = deps
  const { ip: address, port, protocol, fromUs, toUs } = query
  const before = await ledger.readCoverage(fromUs - maxSkewUs, toUs + maxSkewUs)
  const skewUs = Math.max(0, ...before.map((source) => source.skewUs))
  const slices: SliceQuery = {
    address,
    ...(port === undefined ? {} : { port }),
    ...(protocol === undefined ? {} : { protocol }),
    fromUs: fromUs - skewUs,
    toUs: toUs + skewUs,
    limit: maxLookupRows,
  }
  const open = await readOpenFlows(query, slices, deps)
  const closed = await ledger.findSlices(slices)
  const after = await ledger.readCoverage(fromUs - maxSkewUs, toUs + maxSkewUs)
  return {
    query,
    slices: [...closed.slices, ...(open ?? []).flatMap((one) => one.flows)],
    cut: closed.cut || (open ?? []).some((one) => one.cut),
    sources: soberly(before, after),
    reached: open && new Map(open.map((one) => [one.source, one])),
    ...(networks === undefined ? {} : { networks }),
  }
}
