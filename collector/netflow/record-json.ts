import { elementOf, jsonNameOf } from './elements.ts'
import type { LearntElements } from './elements.ts'
import { scopePen } from './layout.ts'
import type { Layout } from './layout.ts'
import { maxListDepth } from './limits.ts'
import { eachRecord, isList, walkList } from './lists.ts'
import { hexOf, valueJson } from './values.ts'

/** What is known of an exporter while one of its records is shown. */
export interface JsonContext {
  readonly learnt: LearntElements
  readonly template: (id: number) => Layout | undefined
}

const v9Scopes = ['system', 'interface', 'line_card', 'cache', 'template'] as const

function nameOf(pen: number, id: number, learnt: LearntElements): string {
  if (pen === scopePen) return `scope_${v9Scopes[id - 1] ?? id}`
  return jsonNameOf(pen, id, learnt)
}

/** Members of a JSON object, of which those of one name become a list. */
class Members {
  readonly #values = new Map<string, string[]>()

  add(name: string, value: string): void {
    const known = this.#values.get(name)
    if (known === undefined) this.#values.set(name, [value])
    else known.push(value)
  }

  text(): string {
    return [...this.#values]
      .map(([name, values]) => {
        const value = values.length === 1 ? values[0] : `[${values.join()}]`
        return `${JSON.stringify(name)}:${value}`
      })
      .join()
  }
}

/**
 * The fields of a record as members of a JSON object, without its braces: IANA's names in
 * snake_case, values as RFC 7373 writes them. An element that stands in a record several times has
 * a list of its values.
 */
export function recordJson(
  view: DataView,
  bounds: Uint32Array,
  layout: Layout,
  context: JsonContext,
  depth = 0
): string {
  const members = new Members()
  for (const [index, id] of layout.ids.entries()) {
    const pen = layout.pens[index] ?? 0
    // Padding says nothing.
    if (pen === 0 && id === 210) continue
    const from = bounds[2 * index] ?? 0
    const to = bounds[2 * index + 1] ?? 0
    const value = isList(pen, id)
      ? listJson(view, id, from, to, context, depth)
      : scalarJson(view, from, to, pen, id, context)
    members.add(nameOf(pen, id, context.learnt), value)
  }
  return members.text()
}

function scalarJson(
  view: DataView,
  from: number,
  to: number,
  pen: number,
  id: number,
  { learnt }: JsonContext
): string {
  if (pen === scopePen) return valueJson(view, from, to, { name: '', type: 'u' })
  return valueJson(view, from, to, elementOf(pen, id, learnt))
}

function listJson(
  view: DataView,
  id: number,
  from: number,
  to: number,
  context: JsonContext,
  depth: number
): string {
  const items: string[] = []
  if (depth >= maxListDepth) return JSON.stringify(hexOf(view, from, to))
  const sound = walkList(view, id, from, to, {
    value(pen, element, at, end) {
      const value = isList(pen, element)
        ? listJson(view, element, at, end, context, depth + 1)
        : scalarJson(view, at, end, pen, element, context)
      items.push(`{${JSON.stringify(nameOf(pen, element, context.learnt))}:${value}}`)
    },
    records(templateId, at, end) {
      const layout = context.template(templateId)
      if (layout === undefined) items.push(JSON.stringify(hexOf(view, at, end)))
      else {
        eachRecord(view, at, end, layout, (bounds) => {
          items.push(`{${recordJson(view, bounds, layout, context, depth + 1)}}`)
        })
      }
    },
  })
  return sound ? `[${items.join()}]` : JSON.stringify(hexOf(view, from, to))
}
