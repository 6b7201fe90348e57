import type { Uncarried } from './protocol.ts'

/** Why a record is not told. */
export type Unsent = Uncarried | 'record-too-large'

/** What was made of batches so far, for one target. */
export interface ExportCounters {
  messages: number
  bytes: number
  /** Flow and event records. */
  records: number
  optionRecords: number
  /** Rows that the filter does not want, and events where none are wanted. */
  filtered: number
  /** Records some of whose texts were cut to fit into a message. */
  cutTexts: number
  /** Applications whose names were not kept, since there were too many. */
  namesRefused: number
  /** Records that were not told, by reason. */
  readonly unsent: Partial<Record<Unsent, number>>
}

export const noCounters = (): ExportCounters => ({
  messages: 0,
  bytes: 0,
  records: 0,
  optionRecords: 0,
  filtered: 0,
  cutTexts: 0,
  namesRefused: 0,
  unsent: {},
})
