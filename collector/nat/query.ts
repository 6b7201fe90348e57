import { addressColumn, natViews, portColumn } from '../../model/nat-view.ts'
import type { End, Networks } from '../../model/nat-view.ts'
import { sliceFlags } from '../../model/fields.ts'
import type { Columns } from '../../model/flow-batch.ts'
import { blockHolds, portSetOf } from '../../model/port-set.ts'
import type { PortSet } from '../../model/port-set.ts'
import type { Endpoint, Slice, SliceQuery } from '../../model/slice.ts'
import type { NatTracker } from './tracker.ts'

function endpointOf(columns: Columns, row: number, end: End): Endpoint {
  const words = addressColumn(columns, end)
  const at = 4 * row
  const ip = [words[at] ?? 0, words[at + 1] ?? 0, words[at + 2] ?? 0, words[at + 3] ?? 0] as const
  return { ip, port: portColumn(columns, end)[row] ?? 0 }
}

/** What one query found; `cut` where its limit left some out. */
export interface FoundMappings {
  /** Slices by the number of the source that saw them. */
  readonly flows: readonly { readonly sourceIndex: number; readonly slice: Slice }[]
  readonly cut: boolean
}

/**
 * The open mappings that meet each of the queries, as slices that end at `nowUs`. A block of ports
 * is one slice at the port asked for.
 *
 * @param nameOf the name of a source by its number
 * @param nowUs the instant up to which every event was taken
 */
export function queryMappings(
  { open }: NatTracker,
  nameOf: (sourceIndex: number) => string,
  networks: Networks,
  queries: readonly SliceQuery[],
  nowUs: number
): FoundMappings[] {
  const found = queries.map(() => ({ flows: [] as FoundMappings['flows'][number][], cut: false }))
  const look = (index: number, query: SliceQuery, row: number): void => {
    const mine = found[index]
    if (mine === undefined) return
    for (const slice of slicesOf(open, row, query, nameOf, networks, nowUs)) {
      if (mine.flows.length >= query.limit) mine.cut = true
      else mine.flows.push({ sourceIndex: open.columns.sourceIndex[row] ?? 0, slice })
    }
  }
  const wide: (readonly [index: number, query: SliceQuery])[] = []
  for (const [index, query] of queries.entries()) {
    if (query.port === undefined) wide.push([index, query])
    else for (const row of open.holding(query.address, query.port)) look(index, query, row)
  }
  // Every port of an address is asked for seldom: all mappings are read for it.
  for (let row = 0; wide.length > 0 && row < open.rowsUsed; row++) {
    if (open.columns.natEvent[row] === 0) continue
    for (const [index, query] of wide) {
      if (mayHold(open.columns, row, query)) look(index, query, row)
    }
  }
  return found
}

/** True where one of the addresses that the world may have seen is the one asked for. */
function mayHold(columns: Columns, row: number, { address }: SliceQuery): boolean {
  const last = address[3]
  return (
    columns.postNatSourceAddress[4 * row + 3] === last ||
    columns.destinationAddress[4 * row + 3] === last
  )
}

function* slicesOf(
  open: NatTracker['open'],
  row: number,
  query: SliceQuery,
  nameOf: (sourceIndex: number) => string,
  networks: Networks,
  nowUs: number
): Generator<Slice> {
  const { columns, batch } = open
  const startUs = columns.flowStartMicroseconds[row] ?? 0
  if (startUs > query.toUs || nowUs < query.fromUs) return
  const protocol = columns.protocolIdentifier[row] ?? 0
  const kind = open.kindAt(row)
  const ports: PortSet | undefined =
    kind === 'block' || kind === 'address' ? portSetOf(kind, columns, row) : undefined
  const userName = batch.texts.textOf(columns.userName[row] ?? 0)
  const isAny = ports !== undefined && protocol === 0
  if (!isAny && query.protocol !== undefined && query.protocol !== protocol) return
  for (const view of natViews(columns, row, networks)) {
    const outside = endpointOf(columns, row, view.public)
    if (!outside.ip.every((word, i) => word === query.address[i])) continue
    if (ports === undefined && query.port !== undefined && query.port !== outside.port) continue
    if (ports !== undefined && !blockHolds(ports, query.port)) continue
    const port = ports === undefined ? outside.port : (query.port ?? ports.start)
    const flags = columns.sliceFlags[row] ?? 0
    yield {
      source: nameOf(columns.sourceIndex[row] ?? 0),
      flowId: BigInt(open.flowId(row)),
      open: true,
      natKind: view.kind,
      protocol: isAny ? (query.protocol ?? 0) : protocol,
      zone: columns.ingressVrfId[row] ?? 0,
      inside: endpointOf(columns, row, view.inside),
      public: { ip: outside.ip, port },
      remote: endpointOf(columns, row, view.remote),
      connectionStartUs: columns.connectionStart[row] ?? startUs,
      startUs,
      endUs: Math.max(startUs, nowUs),
      lastPacketUs: Math.max(startUs, nowUs),
      octets: 0n,
      packets: 0n,
      reverseOctets: 0n,
      reversePackets: 0n,
      conntrackId: 0,
      mark: 0,
      endReason: 0,
      flags: sliceFlags.continues | flags,
      ...(userName === '' ? {} : { userName }),
      ...(ports === undefined ? {} : { ports }),
    }
  }
}
