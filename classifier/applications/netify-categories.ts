import { z } from 'zod'
import type { RuleDraft } from './draft.ts'
import { applicationCategories } from './rules.ts'

/*
 * netify-categories.json: categories by number, and the numbers of the applications in each.
 *
 *   { "application_tag_index": { "games": 13, ... }, "application_index": [[13, [38, 44]], ...] }
 */
const schema = z.looseObject({
  application_tag_index: z.record(z.string(), z.int()),
  application_index: z.array(z.tuple([z.int(), z.array(z.int())])),
})

/** Reads which categories Netify puts applications into; those must have been read before. */
export function readNetifyCategories(text: string, draft: RuleDraft): void {
  draft.line = 1
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    return draft.error(`This is no JSON: ${error instanceof Error ? error.message : ''}.`)
  }
  const read = schema.safeParse(json)
  if (!read.success) return draft.error('This is no list of categories of Netify.')
  const { application_tag_index: tags, application_index: index } = read.data
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
