import { makeFlowBatch } from '../../model/flow-batch.ts'
import type { Columns } from '../../model/flow-batch.ts'
import { sliceFlags } from '../../model/fields.ts'
import { addressColumn, natViews, portColumn } from '../../model/nat-view.ts'
import type { End, NatView, Networks } from '../../model/nat-view.ts'
import type { Endpoint, Slice, SliceQuery } from '../../model/slice.ts'
import type { Tracker } from './tracker.ts'
import { rowFlags, rowLayout, rowWords } from './open-row.ts'
import type { OpenTable } from './open-table.ts'

const scratch = makeFlowBatch(1)

function endpointOf(columns: Columns, end: End): Endpoint {
  const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = addressColumn(columns, end)
  return { ip: [w0, w1, w2, w3], port: portColumn(columns, end)[0] ?? 0 }
}

function matches(endpoint: Endpoint, query: SliceQuery): boolean {
  if (query.port !== undefined && endpoint.port !== query.port) return false
  return endpoint.ip.every((word, i) => word === query.address[i])
}

/** When an open flow is known to have been there, and to when that is only assumed. */
interface Known {
  readonly startUs: number
  readonly sureUntilUs: number
  readonly nowUs: number
}

/** What one query found; `cut` where its limit left some out. */
export interface Found {
  readonly flows: Slice[]
  readonly cut: boolean
}

/**
 * The open flows that meet each of the queries, as slices that end now. A flow that the newest dump
 * did not show is sure only up to where it was last seen; the rest is an inferred slice of its own.
 *
 * @param nowUs the instant up to which every event was read
 * @param complete false while events may be missing: nothing is sure then past its last sighting
 */
export function queryOpenFlows(
  tracker: Tracker,
  source: string,
  networks: Networks,
  queries: readonly SliceQuery[],
  nowUs: number,
  complete: boolean
): Found[] {
  const { table } = tracker
  const found = queries.map(() => ({ flows: [] as Slice[], cut: false }))
  const visit = (row: number): void => {
    if (!table.isOpen(row)) return
    for (const [index, query] of queries.entries()) {
      const mine = found[index]
      if (!mayHold(table, row, query)) continue
      const slices = slicesOf(tracker, source, networks, query, row, nowUs, complete)
      if (mine === undefined || slices.length === 0) continue
      if (mine.flows.length >= query.limit) mine.cut = true
      else mine.flows.push(...slices)
    }
  }
  const endpoints = queries.map(({ address, port = -1 }) => ({ ip: address, port }))
  if (endpoints.every(({ port }) => port >= 0)) table.eachWithPublic(endpoints, visit)
  else for (let row = 0; row < table.rowsUsed; row++) visit(row)
  return found
}

/** True where one of the addresses that the world may have seen is the one asked for. */
function mayHold(table: OpenTable, row: number, { address }: SliceQuery): boolean {
  const last = address[3] >> 0
  const { words } = table
  const base = row * rowWords
  return (
    words[base + rowLayout.postNatSource] === last || words[base + rowLayout.destination] === last
  )
}

function slicesOf(
  tracker: Tracker,
  source: string,
  networks: Networks,
  query: SliceQuery,
  row: number,
  nowUs: number,
  complete: boolean
): Slice[] {
  const { table } = tracker
  table.read(row, scratch.columns, 0)
  if (query.protocol !== undefined && scratch.columns.protocolIdentifier[0] !== query.protocol) {
    return []
  }
  const startUs = table.sliceStart(row)
  if (startUs > query.toUs || nowUs < query.fromUs) return []
  const dump = table.words[row * rowWords + rowLayout.dump] ?? 0
  const seen = complete && dump >= tracker.dump - 1
  const alive = Math.max(startUs, table.lastAlive(row))
  const known = { startUs, sureUntilUs: seen ? nowUs : Math.min(alive, nowUs), nowUs }
  return natViews(scratch.columns, 0, networks)
    .filter((view) => matches(endpointOf(scratch.columns, view.public), query))
    .flatMap((view) => parts(tracker, source, view, row, known))
}

function parts(
  tracker: Tracker,
  source: string,
  view: NatView,
  row: number,
  known: Known
): Slice[] {
  const sure = { ...sliceOf(tracker, source, view, row, known.startUs, known.sureUntilUs) }
  if (known.sureUntilUs >= known.nowUs) return [sure]
  const assumed = sliceOf(tracker, source, view, row, known.sureUntilUs, known.nowUs)
  return [sure, { ...assumed, flags: assumed.flags | sliceFlags.inferred }]
}

function sliceOf(
  tracker: Tracker,
  source: string,
  view: NatView,
  row: number,
  startUs: number,
  endUs: number
): Slice {
  const { columns } = scratch
  const { table } = tracker
  const flags = table.flags(row)
  const { application, protocol: protocolName, hostName } = table.book.of(table.verdict(row))
  const low = BigInt(columns.flowId[0] ?? 0)
  return {
    source,
    flowId: (BigInt(columns.flowId[1] ?? 0) << 32n) | low,
    open: true,
    natKind: view.kind,
    protocol: columns.protocolIdentifier[0] ?? 0,
    zone: columns.ingressVrfId[0] ?? 0,
    inside: endpointOf(columns, view.inside),
    public: endpointOf(columns, view.public),
    remote: endpointOf(columns, view.remote),
    connectionStartUs: table.connectionStart(row),
    startUs,
    endUs,
    lastPacketUs: endUs,
    octets: 0n,
    packets: 0n,
    reverseOctets: 0n,
    reversePackets: 0n,
    conntrackId: columns.conntrackId[0] ?? 0,
    mark: columns.conntrackMark[0] ?? 0,
    endReason: 0,
    ...(application === '' ? {} : { application }),
    ...(protocolName === '' ? {} : { protocolName }),
    ...(hostName === '' ? {} : { hostName }),
    flags:
      sliceFlags.continues |
      ((flags & rowFlags.startUnknown) !== 0 ? sliceFlags.startUnknown : 0) |
      ((flags & rowFlags.observedTimes) !== 0 ? sliceFlags.observedTimes : 0),
  }
}
