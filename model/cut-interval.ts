import { counterNames, sliceFlags } from './fields.ts'
import type { FlowBatch } from './flow-batch.ts'

/**
 * Hands over row 0 of `row` as consecutive slices of at most `maxUs` each. Counters go whole into
 * the last one, since nobody knows how they were spread; the pieces before it say that more follow.
 *
 * @param row row 0 is written to: it holds each piece in turn, at the end the last one
 * @param keep is called for each piece, in the order of time, and copies what it keeps
 */
export function cutInterval(row: FlowBatch, maxUs: number, keep: (piece: FlowBatch) => void): void {
  const { columns } = row
  const end = columns.flowEndMicroseconds[0] ?? 0
  let from = columns.flowStartMicroseconds[0] ?? 0
  if (end - from <= maxUs) return keep(row)
  const counters = counterNames.map((name) => columns[name].slice(0, 2))
  const flags = columns.sliceFlags[0] ?? 0
  const lastPacket = columns.lastPacket[0] ?? 0
  for (const name of counterNames) columns[name].fill(0, 0, 2)
  columns.sliceFlags[0] = flags | sliceFlags.continues
  for (; end - from > maxUs; from += maxUs) {
    const to = from + maxUs
    columns.flowStartMicroseconds[0] = from
    columns.flowEndMicroseconds[0] = to
    columns.lastPacket[0] = Math.max(from, Math.min(to, lastPacket))
    keep(row)
  }
  for (const [index, name] of counterNames.entries()) columns[name].set(counters[index] ?? [])
  columns.sliceFlags[0] = flags
  columns.flowStartMicroseconds[0] = from
  columns.flowEndMicroseconds[0] = end
  columns.lastPacket[0] = Math.max(from, lastPacket)
  keep(row)
}
