import { extraFields, fields } from '../../model/fields.ts'
import type { ExtraName } from '../../model/fields.ts'
import { makeFlowBatch } from '../../model/flow-batch.ts'
import type { Columns, FlowBatch } from '../../model/flow-batch.ts'
import { natExtras } from './extras.ts'
import type { NatExtra } from './extras.ts'

/** The arrays of the extra columns: a batch of events or of mappings has all of them. */
export type NatColumns = Columns & {
  readonly [E in Exclude<NatExtra, 'natEvent'>]: Uint16Array | Uint32Array
} & { readonly natEvent: Uint8Array }

/** Every column of a batch that has the extras, by one name each. */
export function natColumns(batch: FlowBatch): NatColumns {
  return { ...batch.columns, ...batch.extras } as unknown as NatColumns
}

/** A batch for NAT events and mappings. */
export function makeNatBatch(capacity: number): FlowBatch {
  return makeFlowBatch(capacity, natExtras)
}

const textExtras: ReadonlySet<string> = new Set(['userName', 'natPoolName'])

/** The columns of numbers that a batch has beside the usual ones. */
const numberExtras = ({ extras }: FlowBatch): ExtraName[] =>
  (Object.keys(extras) as ExtraName[]).filter((name) => !textExtras.has(name))

const strides = { address: 4, u64: 2, u8: 1, u16: 1, u32: 1, time: 1, text: 1 } as const

/** The number columns of a pair of batches, so that rows are copied without looking names up. */
type Pair = readonly [from: ArrayLike<number>, to: { [index: number]: number }]

/**
 * Copies rows of one batch into another, extras included. Made once for a pair of batches: their
 * arrays must stay the same.
 */
export class RowCopier {
  readonly #from: FlowBatch
  readonly #to: FlowBatch
  readonly #singles: Pair[] = []
  readonly #doubles: Pair[] = []
  readonly #quads: Pair[] = []

  constructor(from: FlowBatch, to: FlowBatch) {
    this.#from = from
    this.#to = to
    for (const { name, kind } of fields) this.#pair(kind, from.columns[name], to.columns[name])
    for (const name of numberExtras(to)) {
      const [source, target] = [from.extras[name], to.extras[name]]
      const kind = extraFields.find((field) => field.name === name)?.kind ?? 'u32'
      // Who lacks a column does not know: what the last use left in the other must go.
      if (target !== undefined) this.#pair(kind, source ?? new Uint32Array(from.capacity), target)
    }
  }

  #pair(kind: keyof typeof strides, from: ArrayLike<number>, to: Pair[1]): void {
    const stride = strides[kind]
    if (stride === 4) this.#quads.push([from, to])
    else if (stride === 2) this.#doubles.push([from, to])
    else this.#singles.push([from, to])
  }

  /** Copies row `from` over row `to`. */
  copy(from: number, to: number): void {
    for (const [source, target] of this.#singles) target[to] = source[from] ?? 0
    for (const [source, target] of this.#doubles) {
      target[2 * to] = source[2 * from] ?? 0
      target[2 * to + 1] = source[2 * from + 1] ?? 0
    }
    for (const [source, target] of this.#quads) {
      for (let word = 0; word < 4; word++) target[4 * to + word] = source[4 * from + word] ?? 0
    }
    this.#copyText('userName', from, to)
    this.#copyText('natPoolName', from, to)
  }

  #copyText(name: 'userName' | 'natPoolName', from: number, to: number): void {
    const target = this.#to.extras[name]
    if (target === undefined) return
    const number = this.#from.extras[name]?.[from] ?? 0
    if (number === 0) target[to] = 0
    else target[to] = this.#to.texts.numberOf(this.#from.texts.textOf(number))
  }
}

/** An end may tell what went through; a begin never does. */
export function copyCounters(from: NatColumns, event: number, to: NatColumns, row: number): void {
  copyPair(from.octetDeltaCount, event, to.octetDeltaCount, row)
  copyPair(from.packetDeltaCount, event, to.packetDeltaCount, row)
  copyPair(from.reverseOctetDeltaCount, event, to.reverseOctetDeltaCount, row)
  copyPair(from.reversePacketDeltaCount, event, to.reversePacketDeltaCount, row)
}

function copyPair(from: Uint32Array, event: number, to: Uint32Array, row: number): void {
  to[2 * row] = from[2 * event] ?? 0
  to[2 * row + 1] = from[2 * event + 1] ?? 0
}
