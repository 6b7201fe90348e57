import type { RuleDraft } from './draft.ts'
import { applicationCategories } from './rules.ts'

/*
 * netify-categories.json: categories by number, and the numbers of the applications in each.
 *
 *   { "application_tag_index": { "games": 13, ... }, "application_index": [[13, [38, 44]], ...] }
 */
interface Categories {
  readonly application_tag_index: Readonly<Record<string, number>>
  readonly application_index: readonly (readonly [number, readonly number[]])[]
}

const isNumbers = (value: unknown): boolean =>
  Array.isArray(value) && value.every(Number.isSafeInteger)

const isEntry = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length === 2 &&
  Number.isSafeInteger(value[0]) &&
  isNumbers(value[1])

function isCategories(value: unknown): value is Categories {
  if (typeof value !== 'object' || value === null) return false
  const { application_tag_index: tags, application_index: index } = value as Record<string, unknown>
  if (typeof tags !== 'object' || tags === null || Array.isArray(tags)) return false
  return isNumbers(Object.values(tags)) && Array.isArray(index) && index.every(isEntry)
}

/** Reads which categories Netify puts applications into; those must have been read before. */
export function readNetifyCategories(text: string, draft: RuleDraft): void {
  draft.line = 1
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    return draft.error(`This is no JSON: ${error instanceof Error ? error.message : ''}.`)
  }
  if (!isCategories(json)) return draft.error('This is no list of categories of Netify.')
  const { application_tag_index: tags, application_index: index } = json
  const byNumber = new Map(Object.entries(tags).map(([tag, number]) => [number, tag]))
  for (const [number, ids] of index) {
    const category = applicationCategories.find((one) => one === byNumber.get(number))
    if (category === undefined) continue
    for (const id of ids) {
      const name = draft.aliases.get(String(id))
      if (name !== undefined) draft.categorise(name, category)
    }
  }
}
