import type { RecordSettings } from '../model/export-targets.ts'
import type { ExtraName } from '../model/fields.ts'
import type { FlowBatch } from '../model/flow-batch.ts'
import { Layout } from './layout.ts'
import { firstTemplateId } from './options.ts'
import type { Element, Protocol, Uncarried } from './protocol.ts'
import type { RecordKernels } from './record-kernels.ts'
import { slotFamilies, slotFlavour } from './row-choice.ts'

export interface Template {
  readonly id: number
  readonly elements: readonly Element[]
}

/** Layouts of one set of columns, by slot. */
type BySlot = Map<number, Layout | Uncarried>

/**
 * The layouts of a target, made when a row first needs them. Layouts that have the same elements
 * share a template: a connection's two directions differ in columns alone.
 */
export class Layouts {
  private readonly protocol: Protocol
  private readonly settings: RecordSettings
  private readonly bootUs: number
  private readonly onTemplate: (template: Template) => void
  private readonly kernels: RecordKernels | undefined
  private readonly byExtras = new Map<string, BySlot>()
  private readonly templates = new Map<string, number>()
  private current: BySlot = new Map()
  private extras: ReadonlySet<ExtraName> = new Set()
  private batch: FlowBatch | undefined

  constructor(
    protocol: Protocol,
    settings: RecordSettings,
    bootUs: number,
    onTemplate: (template: Template) => void,
    kernels?: RecordKernels
  ) {
    this.protocol = protocol
    this.settings = settings
    this.bootUs = bootUs
    this.onTemplate = onTemplate
    this.kernels = kernels
  }

  /** Turns to the columns of a batch. */
  bind(batch: FlowBatch): void {
    if (batch === this.batch) return
    this.extras = new Set(Object.keys(batch.extras) as ExtraName[])
    const key = [...this.extras].join(' ')
    const known = this.byExtras.get(key) ?? new Map()
    this.byExtras.set(key, known)
    this.current = known
    this.batch = batch
    for (const layout of this.current.values()) if (layout instanceof Layout) layout.bind(batch)
  }

  /** The layout of a slot, or why the protocol has none. */
  of(slot: number): Layout | Uncarried {
    const known = this.current.get(slot)
    if (known !== undefined) return known
    const made = this.make(slot)
    if (made instanceof Layout && this.batch !== undefined) made.bind(this.batch)
    this.current.set(slot, made)
    return made
  }

  private make(slot: number): Layout | Uncarried {
    const { settings, extras, bootUs, protocol } = this
    const flavour = slotFlavour(slot)
    const items = protocol.layout({
      settings,
      flavour,
      families: slotFamilies(slot),
      extras,
      bootUs,
    })
    if (typeof items === 'string') return items
    if (items.length === 0) return 'no-fields'
    const draft = new Layout(0, items)
    return new Layout(this.templateOf(draft.elements), items, this.kernels)
  }

  private templateOf(elements: readonly Element[]): number {
    if (this.protocol.templates === undefined) return 0
    const key = elements.map(({ id, pen = 0, bytes }) => `${pen}.${id}:${bytes}`).join(' ')
    const known = this.templates.get(key)
    if (known !== undefined) return known
    const id = firstTemplateId + this.templates.size
    this.templates.set(key, id)
    this.onTemplate({ id, elements })
    return id
  }
}
