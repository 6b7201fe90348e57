import { ColumnMemory } from '../../../model/column-memory.ts'
import type { ExtraName, FieldName } from '../../../model/fields.ts'
import { batchBytes, makeBatchIn } from '../../../model/flow-batch.ts'
import type { FlowBatch } from '../../../model/flow-batch.ts'
import { ColumnUnpacker } from '../../../store/column-unpacker.ts'
import type { SpoolColumns } from '../../../store/spool-column.ts'
import { decodeRows } from '../../../store/spool-frame.ts'

const capacity = 64
type Extras = readonly ExtraName[]

/** Rows of frames as compiled kernels read them. */
export class CompiledRows {
  private readonly columns: SpoolColumns
  private readonly batch: FlowBatch
  private readonly unpacker: ColumnUnpacker

  constructor(columns: SpoolColumns, extras: Extras) {
    this.columns = columns
    const memory = new ColumnMemory(batchBytes(capacity, extras) + ColumnUnpacker.bytes)
    this.batch = makeBatchIn(memory, capacity, extras)
    const unpacker = ColumnUnpacker.of(this.batch)
    if (unpacker === undefined) throw new Error('there is no room for a payload')
    this.unpacker = unpacker
  }

  /** As {@link decodeRows}. */
  decode(input: Uint8Array, rows: number): boolean {
    const { unpacker, columns, batch } = this
    unpacker.payload.set(input)
    return decodeRows(unpacker.payload.subarray(0, input.length), rows, columns, batch, unpacker)
  }

  /** True where a batch has the same rows. */
  equals(other: FlowBatch): boolean {
    const { batch } = this
    if (batch.length !== other.length || batch.isV4 !== other.isV4) return false
    if (String(batch.texts.list()) !== String(other.texts.list())) return false
    return this.columns.every(([name]) => {
      const one = batch.columns[name as FieldName] ?? batch.extras[name as ExtraName]
      const two = other.columns[name as FieldName] ?? other.extras[name as ExtraName]
      const until = ((one?.length ?? 0) / capacity) * batch.length
      for (let at = 0; at < until; at++) if (!Object.is(one?.[at], two?.[at])) return false
      return true
    })
  }
}
