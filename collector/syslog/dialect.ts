import type { EventWriter } from './event-writer.ts'
import type { LineCursor } from './line-cursor.ts'

/**
 * What a dialect made of a line.
 *
 * - `taken`: its events are kept
 * - `passed`: a line of this vendor of a kind that is known, and tells of no mapping
 * - `other`: not of this vendor, or of a kind that is not known: what it tells, nobody can say
 * - `malformed`: begins as one that it knows, and cannot be read to its end
 */
export type Outcome = 'taken' | 'passed' | 'other' | 'malformed'

/** Reads the lines of one vendor. The cursor stands where the message begins behind its header. */
export type NatDialect = (line: LineCursor, out: EventWriter) => Outcome

/** Keeps the row that was filled where all of it could be read. */
export function keepIf(read: boolean, out: EventWriter): Outcome {
  if (!read) return 'malformed'
  out.keep()
  return 'taken'
}
