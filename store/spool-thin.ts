import type { ExtraName } from '../model/fields.ts'
import { copyRow, makeFlowBatch } from '../model/flow-batch.ts'
import type { Columns, FlowBatch } from '../model/flow-batch.ts'
import { verdictExtras } from '../model/flow-verdict.ts'
import { slotsOf } from './spool-column.ts'
import type { Slots, SpoolColumns } from './spool-column.ts'
import type { SpoolState } from './spool-room.ts'

type Extras = readonly ExtraName[]

/** What a full spool leaves out of what it is given, so that what matters most still fits. */
export class SpoolThinner {
  /** Rows whose names were left out. */
  thinnedRows = 0
  readonly #columns: SpoolColumns
  readonly #slots = new WeakMap<FlowBatch, Slots>()
  readonly #isName: readonly boolean[]
  readonly #extras: Extras

  constructor(columns: SpoolColumns, extras: Extras = []) {
    this.#columns = columns
    this.#isName = columns.map(([name]) => verdictExtras.some((verdict) => verdict === name))
    this.#extras = extras
  }

  /**
   * The columns of a batch, but for those that say what its flows were found to be where room is
   * short. The same few batches come again and again.
   */
  slotsOf(batch: FlowBatch, state: SpoolState): Slots {
    const slots = this.#slots.get(batch) ?? slotsOf(batch, this.#columns)
    this.#slots.set(batch, slots)
    if (state === 'ok' || state === 'filling') return slots
    if (this.#isName.includes(true)) this.thinnedRows += batch.length
    return slots.map((slot, index) => (this.#isName[index] === true ? undefined : slot))
  }

  /** The rows of a batch that were translated, and the others. */
  split(batch: FlowBatch): { readonly kept: FlowBatch; readonly left: FlowBatch } {
    const kept = this.#like(batch)
    const left = this.#like(batch)
    for (let row = 0; row < batch.length; row++) {
      const target = isTranslated(batch.columns, row) ? kept : left
      copyRow(batch, row, target, target.length)
      target.length++
    }
    return { kept, left }
  }

  #like(batch: FlowBatch): FlowBatch {
    const made = makeFlowBatch(batch.capacity, this.#extras)
    return { ...made, texts: batch.texts, ...(batch.isV4 === true && { isV4: true }) }
  }
}

/** True where a connection looks other on the outside than on the inside. */
function isTranslated(columns: Columns, row: number): boolean {
  if (
    columns.sourceTransportPort[row] !== columns.postNaptSourceTransportPort[row] ||
    columns.destinationTransportPort[row] !== columns.postNaptDestinationTransportPort[row]
  ) {
    return true
  }
  for (let word = 4 * row; word < 4 * row + 4; word++) {
    if (
      columns.sourceAddress[word] !== columns.postNatSourceAddress[word] ||
      columns.destinationAddress[word] !== columns.postNatDestinationAddress[word]
    ) {
      return true
    }
  }
  return false
}
