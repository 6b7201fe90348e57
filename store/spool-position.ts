/** A place in a spool: a segment's number and an offset in its file. */
export interface SpoolPosition {
  readonly segment: number
  readonly offset: number
}
