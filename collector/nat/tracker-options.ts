import type { NatJournal } from './nat-output.ts'

export interface NatTrackerOptions {
  readonly journal: NatJournal
  /** True where finished intervals (natEvent 0) are written too; else they are not its business. */
  readonly keepsFlows?: boolean
  /** Mappings that may be open at a time. */
  readonly maxOpen: number
  /** A mapping that lasts longer is written in slices this long (us). */
  readonly sliceUs?: number
  /** A mapping that was not confirmed for as long is let go: its end was missed (us). */
  readonly forgetUs?: number
}
