import { bytesOfKind } from '../../../model/flow-batch.ts'
import { extraFields, fields } from '../../../model/fields.ts'
import type { FlowBatch } from '../../../model/flow-batch.ts'

/** A column of a batch as octets. */
interface Part {
  readonly octets: Buffer
  readonly rowBytes: number
}

/** The rows that a journal was given, octet for octet, in memory that is used again. */
export class RowTape {
  private octets = Buffer.alloc(1 << 20)
  private length = 0
  private texts = ''
  private readonly parts = new Map<FlowBatch, readonly Part[]>()

  /** Takes the rows of a batch. */
  readonly append = (kind: 'open' | 'slices', batch: FlowBatch): boolean => {
    const rows = batch.length
    this.room(512 * rows)
    this.octets[this.length++] = kind === 'open' ? 1 : 2
    this.length = this.octets.writeUInt32LE(rows, this.length)
    for (const { octets, rowBytes } of this.partsOf(batch)) {
      this.length += octets.copy(this.octets, this.length, 0, rowBytes * rows)
    }
    if (batch.texts.size > 1) this.texts += JSON.stringify(batch.texts.list())
    return true
  }

  /** True where both were given the same since they were emptied. */
  equals(other: RowTape): boolean {
    return (
      this.length === other.length &&
      this.texts === other.texts &&
      this.octets.compare(other.octets, 0, this.length, 0, this.length) === 0
    )
  }

  empty(): void {
    this.length = 0
    this.texts = ''
  }

  private room(bytes: number): void {
    if (this.length + bytes + 5 <= this.octets.length) return
    const grown = Buffer.alloc(2 * this.octets.length + bytes)
    this.octets.copy(grown, 0, 0, this.length)
    this.octets = grown
  }

  private partsOf(batch: FlowBatch): readonly Part[] {
    const known = this.parts.get(batch)
    if (known !== undefined) return known
    const { columns, extras } = batch
    const made = [
      ...fields.map(({ name, kind }) => ({ column: columns[name], kind })),
      ...extraFields.map(({ name, kind }) => ({ column: extras[name], kind })),
    ].flatMap(({ column, kind }): Part[] => {
      if (column === undefined) return []
      const { buffer, byteOffset, byteLength } = column
      const octets = Buffer.from(buffer, byteOffset, byteLength)
      return [{ octets, rowBytes: bytesOfKind[kind] }]
    })
    this.parts.set(batch, made)
    return made
  }
}
