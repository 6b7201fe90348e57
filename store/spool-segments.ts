import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** File name of a segment; names sort as numbers do. */
export function segmentName(segment: number): string {
  return `${String(segment).padStart(12, '0')}.spool`
}

/** Numbers of the segments in a directory, in order; other files are no segments. */
export function listSegments(directory: string): number[] {
  return readdirSync(directory)
    .filter((name) => /^\d{12}\.spool$/.test(name))
    .map((name) => Number(name.slice(0, 12)))
    .sort((a, b) => a - b)
}

/** Octets of all segments in a directory. */
export function spoolSize(directory: string): number {
  let bytes = 0
  for (const segment of listSegments(directory)) {
    // A segment may be removed by the reader between the listing and this look at it.
    bytes += statSync(join(directory, segmentName(segment)), { throwIfNoEntry: false })?.size ?? 0
  }
  return bytes
}
