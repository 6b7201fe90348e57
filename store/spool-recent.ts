import { statSync } from 'node:fs'
import { join } from 'node:path'
import { listSegments, segmentName } from './spool-segments.ts'

/**
 * The first segment of a spool that holds frames of its last `ms` milliseconds, counted back from
 * when it was last written, whenever that was.
 */
export function recentSegment(directory: string, ms: number): number {
  const written = listSegments(directory).map((segment) => ({
    segment,
    atMs: statSync(join(directory, segmentName(segment))).mtimeMs,
  }))
  // The newest segment is this run's own; the ones before tell when the last run wrote.
  const last = written.at(-2)?.atMs ?? 0
  return written.find(({ atMs }) => atMs >= last - ms)?.segment ?? 0
}
