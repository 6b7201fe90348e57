import type { ExtraName } from '../model/fields.ts'
import type { SpoolBounds } from './spool-room.ts'

/** What a writer of a spool is made with. */
export interface SpoolOptions extends SpoolBounds {
  readonly source: string
  /** Octets after which a segment is forced to disk even before the interval is over. */
  readonly syncBytes: number
  /** Columns beside the usual ones that batches of this spool have. */
  readonly extras?: readonly ExtraName[]
  /**
   * Octets of full batches of slices that may wait to be written in one go, until anything else is
   * appended or a sync begins; left out: none waits.
   */
  readonly gatherBytes?: number
}
