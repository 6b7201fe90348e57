import type { SourceCoverage } from '../model/coverage.ts'
import { FlowledgerError } from '../model/errors.ts'
import { maxLookupRows } from '../model/limits.ts'
import type { OpenFlowsAnswer } from '../model/open-flows.ts'
import type { Slice, SliceQuery } from '../model/slice.ts'
import type { AnswerDependencies, OwnNetworks } from './dependencies.ts'
import type { LookupQuery } from './query.ts'
import type { Evidence } from './verdict.ts'

/** No source's clock is further off: what lies further away has no bearing on a question. */
export const maxSkewUs = 600e6

/** What a question asks of the ledger and of the collector, before either's skew widens it. */
export function sliceQueryOf(query: LookupQuery, limit: number): SliceQuery {
  const { ip: address, port, protocol, fromUs, toUs } = query
  return {
    address,
    ...(port === undefined ? {} : { port }),
    ...(protocol === undefined ? {} : { protocol }),
    fromUs,
    toUs,
    limit,
  }
}

/** The same, widened on both sides. */
export function widened(slices: SliceQuery, us: number): SliceQuery {
  return { ...slices, fromUs: slices.fromUs - us, toUs: slices.toUs + us }
}

/**
 * What is asked of the collector. With a port, flows that began their present slice after the
 * window are read too: they say that a connection which the ledger shows in the window is open
 * still.
 */
export function openQueryOf(slices: SliceQuery, nowUs: number): SliceQuery {
  const wide = widened(slices, maxSkewUs)
  return slices.port === undefined ? wide : { ...wide, toUs: Math.max(wide.toUs, nowUs) }
}

/** What the collector says; undefined where none can be asked. */
export async function reachable<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof FlowledgerError && error.code === 'not-running') return undefined
    throw error
  }
}

/** Of two readings of a source the earlier progress and the later gaps: what both can vouch for. */
export function soberly(
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

/** What the ledger and the collector found for one question. */
export interface Found {
  readonly closed: { readonly slices: readonly Slice[]; readonly cut: boolean }
  readonly open: readonly OpenFlowsAnswer[] | undefined
}

/** Puts together what one question is judged by. */
export function evidenceOf(
  query: LookupQuery,
  { closed, open }: Found,
  sources: readonly SourceCoverage[],
  networks: OwnNetworks | undefined
): Evidence {
  return {
    query,
    slices: [...closed.slices, ...(open ?? []).flatMap((one) => one.flows)],
    cut: closed.cut || (open ?? []).some((one) => one.cut),
    sources,
    reached: open && new Map(open.map((one) => [one.source, one])),
    ...(networks === undefined ? {} : { networks }),
  }
}

/** The greatest skew of any source. */
export const skewOf = (sources: readonly SourceCoverage[]): number =>
  Math.max(0, ...sources.map((source) => source.skewUs))

/**
 * Reads what a question is judged by. The order is what makes `no-match` sound: the ledger is read
 * after the collector, which commits every flow that has ended, so it misses none; progress is read
 * before the ledger, so that it vouches for nothing that the ledger got later; and gaps last, so
 * that one found meanwhile counts. Progress in the ledger and the collector say nothing of each
 * other, so these two are asked side by side.
 */
export async function gather(query: LookupQuery, deps: AnswerDependencies): Promise<Evidence> {
  const { ledger, networks, openFlows } = deps
  const { fromUs, toUs, nowUs } = query
  const slices = sliceQueryOf(query, maxLookupRows)
  const [before, open] = await Promise.all([
    ledger.readCoverage(fromUs - maxSkewUs, toUs + maxSkewUs),
    reachable(openFlows.query(openQueryOf(slices, nowUs))),
  ])
  const closed = await ledger.findSlices(widened(slices, skewOf(before)))
  const after = await ledger.readCoverage(fromUs - maxSkewUs, toUs + maxSkewUs)
  return evidenceOf(query, { closed, open }, soberly(before, after), networks)
}
