import type { Layout } from './layout.ts'
import { fieldBounds, variableLength } from './layout.ts'

/*
 * RFC 6313 §4.5
 *   basicList             u8 semantic | u16 element (bit 15: enterprise follows) | u16 length
 *                         [| u32 enterprise] | values
 *   subTemplateList       u8 semantic | u16 template | records
 *   subTemplateMultiList  u8 semantic | (u16 template | u16 octets, these four included | records)…
 */

/** What a list holds: values of one element, or records of templates. */
export interface ListTarget {
  value(pen: number, id: number, from: number, to: number): void
  records(templateId: number, from: number, to: number): void
}

const listIds = { basic: 291, subTemplate: 292, subTemplateMulti: 293 } as const

/** True where the element holds a list that {@link walkList} can read. */
export function isList(pen: number, id: number): boolean {
  return pen === 0 && id >= listIds.basic && id <= listIds.subTemplateMulti
}

/** Goes through a list; false where it is not what it should be. */
export function walkList(
  view: DataView,
  id: number,
  from: number,
  to: number,
  target: ListTarget
): boolean {
  if (id === listIds.basic) return walkBasic(view, from, to, target)
  if (from + 1 > to) return true
  if (id === listIds.subTemplate) {
    if (from + 3 > to) return false
    target.records(view.getUint16(from + 1), from + 3, to)
    return true
  }
  let at = from + 1
  while (at + 4 <= to) {
    const length = view.getUint16(at + 2)
    if (length < 4 || at + length > to) return false
    target.records(view.getUint16(at), at + 4, at + length)
    at += length
  }
  return at === to
}

function walkBasic(view: DataView, from: number, to: number, target: ListTarget): boolean {
  if (from + 5 > to) return false
  const word = view.getUint16(from + 1)
  const length = view.getUint16(from + 3)
  let at = from + 5
  let pen = 0
  if ((word & 0x8000) !== 0) {
    if (at + 4 > to) return false
    pen = view.getUint32(at)
    at += 4
  }
  if (length === 0) return false
  while (at < to) {
    let size = length
    if (length === variableLength) {
      size = view.getUint8(at++)
      if (size === 255) {
        if (at + 2 > to) return false
        size = view.getUint16(at)
        at += 2
      }
    }
    if (at + size > to) return false
    target.value(pen, word & 0x7fff, at, at + size)
    at += size
  }
  return true
}

/** Calls with the bounds of each record of a layout in [from, to), padding aside. */
export function eachRecord(
  view: DataView,
  from: number,
  to: number,
  layout: Layout,
  record: (bounds: Uint32Array, from: number, end: number) => void
): void {
  const bounds = new Uint32Array(2 * layout.ids.length)
  let at = from
  while (at + layout.minLength <= to) {
    const end = fieldBounds(view, at, to, layout, bounds)
    if (end < 0) return
    record(bounds, at, end)
    at = end
  }
}
