import type { AddressWords } from '../../model/address.ts'
import { v4MappedWord } from '../../model/address.ts'
import { elementTypes } from '../../model/information-elements.ts'
import type { ElementType } from '../../model/information-elements.ts'
import type { Exporter } from './exporter.ts'
import { uintAt } from './kernels.ts'
import { scopePen } from './layout.ts'
import type { Layout } from './layout.ts'
import { maxNames, maxTextBytes } from './limits.ts'
import { textOf } from './values.ts'

/** The fields of one option record, by element. */
class OptionRecord {
  private readonly view: DataView
  private readonly bounds: Uint32Array
  private readonly layout: Layout

  constructor(view: DataView, bounds: Uint32Array, layout: Layout) {
    this.view = view
    this.bounds = bounds
    this.layout = layout
  }

  /** The first of these elements that is there as a number, whoever's scope it is. */
  number(...ids: readonly number[]): number | undefined {
    const field = this.find(ids)
    if (field === undefined) return undefined
    const [from, to] = field
    return to - from >= 1 && to - from <= 8 ? uintAt(this.view, from, to - from) : undefined
  }

  text(...ids: readonly number[]): string | undefined {
    const field = this.find(ids)
    if (field === undefined) return undefined
    const [from, to] = field
    return textOf(this.view, from, Math.min(to, from + maxTextBytes))
  }

  /** RFC 6759's id as the column `applicationId` holds it. */
  application(): number | undefined {
    const field = this.find([95])
    if (field === undefined || field[1] - field[0] < 2) return undefined
    const [from, to] = field
    const selector = uintAt(this.view, from + 1, Math.min(to, from + 9) - from - 1)
    return this.view.getUint8(from) * 0x100_0000 + (selector % 0x100_0000)
  }

  address(): AddressWords | undefined {
    const field = this.find([130, 131])
    if (field === undefined) return undefined
    const [from, to] = field
    if (to - from === 4) return [0, 0, v4MappedWord, this.view.getUint32(from)]
    if (to - from !== 16) return undefined
    const word = (at: number): number => this.view.getUint32(from + at)
    return [word(0), word(4), word(8), word(12)]
  }

  /** v9's scope `interface` stands for the interface's number. */
  scopeOfInterface(): number | undefined {
    const { layout, bounds } = this
    const index = layout.pens.findIndex((pen, at) => pen === scopePen && layout.ids[at] === 2)
    if (index < 0) return undefined
    const from = bounds[2 * index] ?? 0
    const length = (bounds[2 * index + 1] ?? 0) - from
    return length >= 1 && length <= 8 ? uintAt(this.view, from, length) : undefined
  }

  private find(ids: readonly number[]): readonly [from: number, to: number] | undefined {
    const { layout, bounds } = this
    for (const id of ids) {
      const index = layout.ids.findIndex((one, at) => one === id && layout.pens[at] === 0)
      const from = bounds[2 * index]
      const to = bounds[2 * index + 1]
      if (index >= 0 && from !== undefined && to !== undefined) return [from, to]
    }
    return undefined
  }
}

function setName(names: Map<number, string>, number: number | undefined, text?: string): void {
  if (number === undefined || text === undefined || text === '') return
  if (names.size < maxNames || names.has(number)) names.set(number, text)
}

function setInterval(intervals: Map<number, number>, of: number, interval: number): void {
  if (intervals.size < maxNames || intervals.has(of)) intervals.set(of, interval)
}

/** One packet of how many is counted, as an option record says it; undefined: it does not. */
function samplingOf(record: OptionRecord): number | undefined {
  const interval = record.number(34, 50)
  if (interval !== undefined) return interval
  const taken = record.number(305)
  const passed = record.number(306)
  // Who tells no space between samples means one of so many.
  if (taken !== undefined && taken > 0) {
    return passed === undefined ? taken : Math.round((taken + passed) / taken)
  }
  const size = record.number(309)
  const population = record.number(310)
  if (size !== undefined && population !== undefined && size > 0) {
    return Math.round(population / size)
  }
  return undefined
}

function takeSampling(exporter: Exporter, record: OptionRecord): void {
  const interval = samplingOf(record)
  if (interval === undefined || exporter.settings.samplingInterval !== undefined) return
  const sampler = record.number(48, 302)
  const index = record.number(10, 14) ?? record.scopeOfInterface()
  if (sampler !== undefined) setInterval(exporter.samplers, sampler, interval)
  else if (index !== undefined) setInterval(exporter.interfaceSampling, index, interval)
  else exporter.samplingInterval = interval
  exporter.samplingOrigin = 'options'
}

/** The abstract data types of RFC 5610 §3.1, by their numbers. */
const dataTypes: readonly ElementType[] = [
  'octets',
  'u',
  'u',
  'u',
  'u',
  'i',
  'i',
  'i',
  'i',
  'f',
  'f',
  'bool',
  'mac',
  'string',
  's',
  'ms',
  'us',
  'ns',
  'ip',
  'ip',
]

/** RFC 5610: what an exporter calls elements of its own, and how they are read. */
function takeTypeInformation(exporter: Exporter, record: OptionRecord): void {
  const id = record.number(303)
  const name = record.text(341)
  if (id === undefined || name === undefined || !/^[A-Za-z][A-Za-z0-9]{0,99}$/.test(name)) return
  const pen = record.number(346) ?? 0
  const type = dataTypes[record.number(339) ?? 0] ?? elementTypes[6]
  if (exporter.learnt.size < maxNames) exporter.learnt.set(`${pen}:${id & 0x7fff}`, { name, type })
}

/** Takes what an option record says of its exporter. */
export function takeOptions(
  exporter: Exporter,
  view: DataView,
  bounds: Uint32Array,
  layout: Layout
): void {
  const record = new OptionRecord(view, bounds, layout)
  takeSampling(exporter, record)
  takeTypeInformation(exporter, record)
  const { interfaces, vrfs, applications, pools } = exporter.names
  const port = record.number(10, 14) ?? record.scopeOfInterface()
  setName(interfaces, port, record.text(82, 83))
  setName(vrfs, record.number(234, 235), record.text(236))
  setName(applications, record.application(), record.text(96, 94))
  setName(pools, record.number(283), record.text(284))
  exporter.statedAddress = record.address() ?? exporter.statedAddress
  const started = record.number(160)
  if (started !== undefined) exporter.startedUs = started * 1000
}
