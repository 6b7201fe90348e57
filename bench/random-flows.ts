import { v4MappedWord } from '../model/address.ts'
import { makeFlowBatch } from '../model/flow-batch.ts'
import type { FlowBatch } from '../model/flow-batch.ts'
import { batchRows } from '../model/limits.ts'

/** Public addresses that the flows share: 198.18.0.0 to 198.18.0.63 (RFC 2544, for benchmarks). */
const publicAddresses = 64
const firstPublic = 0xc6120000
const firstInside = 0x0a000000
const insideHosts = 100_000

/** xorshift32: fast, and the same rows at each run. */
export function makeRandom(seed: number): (below: number) => number {
  let state = seed | 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

/** A public address and port of the kind that {@link fillRandom} writes. */
export function randomPublic(random: (below: number) => number): { word: number; port: number } {
  return { word: firstPublic + random(publicAddresses), port: 1024 + random(64_512) }
}

function setAddress(words: Uint32Array, row: number, address: number): void {
  words[4 * row] = 0
  words[4 * row + 1] = 0
  words[4 * row + 2] = v4MappedWord
  words[4 * row + 3] = address
}

/** Fills a batch with source NAT flows that start evenly between two instants (microseconds). */
export function fillRandom(
  batch: FlowBatch,
  random: (below: number) => number,
  firstId: number,
  fromUs: number,
  toUs: number
): void {
  const { columns, capacity } = batch
  for (let row = 0; row < capacity; row++) {
    const outside = randomPublic(random)
    const remote = 0x08000000 + random(0x7fffffff)
    setAddress(columns.sourceAddress, row, firstInside + random(insideHosts))
    setAddress(columns.destinationAddress, row, remote)
    setAddress(columns.postNatSourceAddress, row, outside.word)
    setAddress(columns.postNatDestinationAddress, row, remote)
    columns.sourceTransportPort[row] = 1024 + random(64_512)
    columns.postNaptSourceTransportPort[row] = outside.port
    columns.destinationTransportPort[row] = 443
    columns.postNaptDestinationTransportPort[row] = 443
    columns.protocolIdentifier[row] = random(3) === 0 ? 17 : 6
    columns.conntrackId[row] = random(0xffffffff)
    columns.flowId[2 * row] = firstId + row
    const start = fromUs + Math.floor(((toUs - fromUs) * row) / capacity)
    const end = start + random(240e6)
    columns.connectionStart[row] = start
    columns.flowStartMicroseconds[row] = start
    columns.flowEndMicroseconds[row] = end
    columns.lastPacket[row] = end - random(120e6)
    columns.octetDeltaCount[2 * row] = random(1e6)
    columns.reverseOctetDeltaCount[2 * row] = random(1e7)
    columns.packetDeltaCount[2 * row] = random(1e3)
    columns.reversePacketDeltaCount[2 * row] = random(1e4)
    columns.flowEndReason[row] = 3
  }
  batch.length = capacity
}

/** Full batches of at least `rows` flows within one hour that starts at `hourUs`. */
export function makeBatches(rows: number, hourUs: number): FlowBatch[] {
  const random = makeRandom(12_345)
  const count = Math.ceil(rows / batchRows)
  return Array.from({ length: count }, (_, index) => {
    const batch = makeFlowBatch(batchRows)
    const step = 3_599e6 / count
    fillRandom(batch, random, index * batchRows, hourUs + index * step, hourUs + (index + 1) * step)
    return batch
  })
}

/** Moves every time of the batches by `us`: the same rows for another partition. */
export function shiftTimes(batches: readonly FlowBatch[], us: number): void {
  for (const { columns, length } of batches) {
    for (const name of [
      'connectionStart',
      'flowStartMicroseconds',
      'flowEndMicroseconds',
      'lastPacket',
    ] as const) {
      const times = columns[name]
      for (let row = 0; row < length; row++) times[row] = (times[row] ?? 0) + us
    }
  }
}
