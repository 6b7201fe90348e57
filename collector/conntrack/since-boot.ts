import { uptime } from 'node:os'
import { sliceFlags } from '../../model/fields.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { nowUs } from './clock-watch.ts'

/**
 * A slice of more than a year comes of a clock that was set meanwhile: a gateway without a clock of
 * its own begins in 1970. No connection is older than the kernel that follows it, so it is held to
 * have been there since then, and no longer than until now; neither is sure.
 */
export function holdSinceBoot({ columns }: FlowBatch, row: number): void {
  const now = nowUs()
  const from = columns.flowStartMicroseconds[row] ?? 0
  const to = Math.min(columns.flowEndMicroseconds[row] ?? 0, Math.max(from, now))
  const start = Math.max(from, Math.min(to, now - uptime() * 1e6))
  columns.connectionStart[row] = start
  columns.flowStartMicroseconds[row] = start
  columns.flowEndMicroseconds[row] = to
  columns.lastPacket[row] = Math.max(start, Math.min(to, columns.lastPacket[row] ?? 0))
  const unsure = sliceFlags.inferred | sliceFlags.startUnknown | sliceFlags.observedTimes
  columns.sliceFlags[row] = (columns.sliceFlags[row] ?? 0) | unsure
}
