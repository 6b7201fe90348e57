import { maxFields, maxSharedLayouts } from './limits.ts'

/**
 * The shape that a template gives to its records. Exporters of one make send the same templates, so
 * equal layouts are one object, and what is worked out for one is worked out for all.
 */
export interface Layout {
  /** Equal layouts have equal keys. */
  readonly key: string
  /** Leading fields that say what an option record is about; -1: a template of data records. */
  readonly scopes: number
  readonly pens: readonly number[]
  readonly ids: readonly number[]
  /** {@link variableLength} where each record tells the length. */
  readonly lengths: readonly number[]
  readonly isVariable: boolean
  /** Octets of a record; of one with variable lengths, the fewest it can have. */
  readonly minLength: number
}

/** The length that says that each record tells it (RFC 7011 §7). */
export const variableLength = 0xffff

/** Stands where an enterprise number would for the scopes of NetFlow v9 (RFC 3954 §6.1). */
export const scopePen = 0xffffffff

export type TemplateProblem =
  | 'template-id'
  | 'template-truncated'
  | 'template-empty'
  | 'template-too-many-fields'

/** What a template record says. */
export type TemplateRecord =
  | { readonly id: number; readonly layout: Layout }
  /** RFC 7011 §8.1: no fields. */
  | { readonly id: number; readonly layout: undefined }

const shared = new Map<string, Layout>()

/** The layout of these fields; gives back the same object for the same fields. */
export function layoutOf(fields: readonly TemplateField[], scopes: number): Layout | undefined {
  const key = `${scopes} ${fields.map(({ pen, id, length }) => `${pen}:${id}:${length}`).join()}`
  const known = shared.get(key)
  if (known !== undefined) return known
  const isVariable = fields.some(({ length }) => length === variableLength)
  const minLength = fields.reduce(
    (sum, { length }) => sum + (length === variableLength ? 1 : length),
    0
  )
  if (minLength === 0) return undefined
  const layout: Layout = {
    key,
    scopes,
    isVariable,
    minLength,
    pens: fields.map(({ pen }) => pen),
    ids: fields.map(({ id }) => id),
    lengths: fields.map(({ length }) => length),
  }
  // Who sends ever new shapes makes them unshared, and no more.
  if (shared.size >= maxSharedLayouts) shared.clear()
  shared.set(key, layout)
  return layout
}

export interface TemplateField {
  readonly pen: number
  readonly id: number
  readonly length: number
}

export interface TemplateTarget {
  template(record: TemplateRecord): void
  problem(reason: TemplateProblem): void
}

/*
 * Template record          v9 (RFC 3954 §5.2) and IPFIX (RFC 7011 §3.4.1)
 *   u16 template id | u16 field count | fields
 * Options template record  v9 (RFC 3954 §6.1)
 *   u16 template id | u16 octets of scope fields | u16 octets of option fields | fields
 *                          IPFIX (RFC 7011 §3.4.2.2)
 *   u16 template id | u16 field count | u16 scope field count | fields
 * Field
 *   u16 element id (IPFIX: bit 15 set: followed by the enterprise) | u16 length [| u32 enterprise]
 */

/** Reads the records of a template set, whose octets are [from, to) without the set's header. */
export function readTemplates(
  view: DataView,
  from: number,
  to: number,
  kind: { readonly isOptions: boolean; readonly isIpfix: boolean },
  target: TemplateTarget
): void {
  const head = kind.isOptions ? 6 : 4
  let at = from
  while (at + 4 <= to) {
    const id = view.getUint16(at)
    // Padding: no template has so low a number.
    if (id === 0) return
    if (id < 256) {
      target.problem('template-id')
      return
    }
    if (kind.isIpfix && view.getUint16(at + 2) === 0) {
      target.template({ id, layout: undefined })
      at += 4
      continue
    }
    if (at + head > to) {
      target.problem('template-truncated')
      return
    }
    const counts = fieldCounts(view, at, kind)
    const fields = readFields(view, at + head, to, counts, kind.isIpfix)
    if (fields === undefined) {
      target.problem('template-truncated')
      return
    }
    take(target, id, fields.fields, kind.isOptions ? counts.scopes : -1)
    at = fields.end
  }
}

interface FieldCounts {
  readonly all: number
  readonly scopes: number
}

function fieldCounts(
  view: DataView,
  at: number,
  { isOptions, isIpfix }: { readonly isOptions: boolean; readonly isIpfix: boolean }
): FieldCounts {
  const first = view.getUint16(at + 2)
  if (!isOptions) return { all: first, scopes: 0 }
  const second = view.getUint16(at + 4)
  if (isIpfix) return { all: first, scopes: Math.min(first, second) }
  const scopes = first >> 2
  return { all: scopes + (second >> 2), scopes }
}

function readFields(
  view: DataView,
  from: number,
  to: number,
  { all, scopes }: FieldCounts,
  isIpfix: boolean
): { fields: TemplateField[]; end: number } | undefined {
  const fields: TemplateField[] = []
  let at = from
  for (let index = 0; index < all; index++) {
    if (at + 4 > to) return undefined
    const word = view.getUint16(at)
    const length = view.getUint16(at + 2)
    at += 4
    if (!isIpfix) {
      fields.push({ pen: index < scopes ? scopePen : 0, id: word, length })
      continue
    }
    const hasPen = (word & 0x8000) !== 0
    if (hasPen && at + 4 > to) return undefined
    fields.push({ pen: hasPen ? view.getUint32(at) : 0, id: word & 0x7fff, length })
    if (hasPen) at += 4
  }
  return { fields, end: at }
}

function take(
  target: TemplateTarget,
  id: number,
  fields: readonly TemplateField[],
  scopes: number
): void {
  if (fields.length > maxFields) {
    target.problem('template-too-many-fields')
    return
  }
  const layout = layoutOf(fields, scopes)
  if (layout === undefined) target.problem('template-empty')
  else target.template({ id, layout })
}

/**
 * Finds where the fields of the record at `from` begin and end.
 *
 * @param bounds takes, for each field, where it begins and ends
 * @returns where the record ends, or -1 where it reaches past `to`
 */
export function fieldBounds(
  view: DataView,
  from: number,
  to: number,
  { lengths }: Layout,
  bounds: Uint32Array
): number {
  let at = from
  for (let index = 0; index < lengths.length; index++) {
    let length = lengths[index] ?? 0
    if (length === variableLength) {
      if (at + 1 > to) return -1
      length = view.getUint8(at++)
      if (length === 255) {
        if (at + 2 > to) return -1
        length = view.getUint16(at)
        at += 2
      }
    }
    if (at + length > to) return -1
    bounds[2 * index] = at
    at += length
    bounds[2 * index + 1] = at
  }
  return at
}
