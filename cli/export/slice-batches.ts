import { makeFlowBatch } from '../../model/flow-batch.ts'
import type { FieldName } from '../../model/fields.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { batchRows } from '../../model/limits.ts'
import { natKinds } from '../../model/nat-view.ts'
import type { Endpoint, Slice } from '../../model/slice.ts'

/** What rows of the ledger do not keep, so that no format may tell it. */
export const notInLedger = ['icmpTypeCode'] as const satisfies readonly FieldName[]

/** The four ends of a connection, see model/nat-view.ts. */
interface Ends {
  readonly source: Endpoint
  readonly destination: Endpoint
  readonly postNatSource: Endpoint
  readonly postNatDestination: Endpoint
}

/**
 * The ends of a row of the ledger. Of an untranslated connection the ledger does not know who
 * opened it: the inside end stands as the source.
 */
function endsOf({ natKind, inside, public: outside, remote }: Slice): Ends {
  if (natKind === natKinds.source) {
    return {
      source: inside,
      destination: remote,
      postNatSource: outside,
      postNatDestination: remote,
    }
  }
  if (natKind === natKinds.destination) {
    return {
      source: remote,
      destination: outside,
      postNatSource: remote,
      postNatDestination: inside,
    }
  }
  return { source: inside, destination: remote, postNatSource: inside, postNatDestination: remote }
}

const sameEnd = (a: Endpoint, b: Endpoint): boolean =>
  a.port === b.port && a.ip.every((word, index) => word === b.ip[index])

/** True where `second` is the other view of the connection that `first` is a view of. */
function isOtherView(first: Slice, second: Slice): boolean {
  const same =
    first.flowId === second.flowId &&
    first.source === second.source &&
    first.startUs === second.startUs &&
    first.endUs === second.endUs
  if (!same) return false
  if (first.natKind === natKinds.source) return second.natKind === natKinds.destination
  return (
    first.natKind === natKinds.none &&
    second.natKind === natKinds.none &&
    sameEnd(first.inside, second.remote) &&
    sameEnd(first.remote, second.inside)
  )
}

/** A connection translated both ways: its source is in one view, its destination in the other. */
function endsOfBoth(first: Slice, second: Slice): Ends {
  if (first.natKind === natKinds.none) return endsOf(first)
  return {
    source: first.inside,
    postNatSource: first.public,
    destination: second.public,
    postNatDestination: second.inside,
  }
}

function setEnd(words: Uint32Array, ports: Uint16Array, row: number, end: Endpoint): void {
  words.set(end.ip, 4 * row)
  ports[row] = end.port
}

function setCounter(words: Uint32Array, row: number, value: bigint): void {
  words[2 * row] = Number(value & 0xffffffffn)
  words[2 * row + 1] = Number((value >> 32n) & 0xffffffffn)
}

/** RFC 5103 §6.3: 0 where the ledger does not know who of the two opened the connection. */
const directions = { arbitrary: 0, initiator: 1 } as const

/** What the ledger knows beside what every batch has. */
const extraNames = ['biflowDirection', 'applicationName', 'protocolName', 'hostName'] as const

function fillNames({ extras, texts }: FlowBatch, row: number, slice: Slice): void {
  const { applicationName, protocolName, hostName } = extras
  if (applicationName !== undefined) applicationName[row] = texts.numberOf(slice.application ?? '')
  if (protocolName !== undefined) protocolName[row] = texts.numberOf(slice.protocolName ?? '')
  if (hostName !== undefined) hostName[row] = texts.numberOf(slice.hostName ?? '')
}

function fill(batch: FlowBatch, row: number, slice: Slice, ends: Ends): void {
  const { columns: c, extras } = batch
  fillNames(batch, row, slice)
  const { source, destination, postNatSource, postNatDestination } = ends
  setEnd(c.sourceAddress, c.sourceTransportPort, row, source)
  setEnd(c.destinationAddress, c.destinationTransportPort, row, destination)
  setEnd(c.postNatSourceAddress, c.postNaptSourceTransportPort, row, postNatSource)
  setEnd(c.postNatDestinationAddress, c.postNaptDestinationTransportPort, row, postNatDestination)
  c.protocolIdentifier[row] = slice.protocol
  c.icmpTypeCode[row] = 0
  c.ingressVrfId[row] = slice.zone
  setCounter(c.flowId, row, slice.flowId)
  c.conntrackId[row] = slice.conntrackId
  c.conntrackMark[row] = slice.mark
  c.connectionStart[row] = slice.connectionStartUs
  c.flowStartMicroseconds[row] = slice.startUs
  c.flowEndMicroseconds[row] = slice.endUs
  c.lastPacket[row] = slice.lastPacketUs
  setCounter(c.octetDeltaCount, row, slice.octets)
  setCounter(c.packetDeltaCount, row, slice.packets)
  setCounter(c.reverseOctetDeltaCount, row, slice.reverseOctets)
  setCounter(c.reversePacketDeltaCount, row, slice.reversePackets)
  c.flowEndReason[row] = slice.endReason
  c.sliceFlags[row] = slice.flags
  if (extras.biflowDirection === undefined) return
  const isKnown = slice.natKind !== natKinds.none
  extras.biflowDirection[row] = isKnown ? directions.initiator : directions.arbitrary
}

function empty(batch: FlowBatch): void {
  batch.length = 0
  batch.texts.clear()
}

/**
 * Turns rows of the ledger, in the order of its list, back into batches of connections; the batch
 * is the same one each time.
 */
export async function* sliceBatches(slices: AsyncIterable<Slice>): AsyncGenerator<FlowBatch> {
  const batch = makeFlowBatch(batchRows, extraNames)
  let held: Slice | undefined
  const keep = (slice: Slice, ends: Ends): void => fill(batch, batch.length++, slice, ends)
  for await (const slice of slices) {
    if (batch.length === batch.capacity) {
      yield batch
      empty(batch)
    }
    if (held !== undefined && isOtherView(held, slice)) {
      keep(held, endsOfBoth(held, slice))
      held = undefined
      continue
    }
    if (held !== undefined) keep(held, endsOf(held))
    held = slice
  }
  if (held !== undefined) {
    if (batch.length === batch.capacity) {
      yield batch
      empty(batch)
    }
    keep(held, endsOf(held))
  }
  if (batch.length > 0) yield batch
}
