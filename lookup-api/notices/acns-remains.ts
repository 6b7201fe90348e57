import { inDoubt } from './facts.ts'
import type { Notice, Skipped } from './types.ts'

/**
 * What is left of an ACNS document that lost its beginning on the way. Its fields must not be read
 * as words: without the elements around them nobody can tell the address and time of the
 * infringement from those of its history.
 */

/** Elements of ACNS that hardly anything else has. */
const element =
  '/?(?:[\\w-]{1,20}:)?' +
  '(?:Infringement|Complainant|Service_?Provider|Internal_?Tracking|History|Also_?Seen|Case' +
  '|Text_?Notice|Declarations|IP_?Address|Time_?Stamp|DNS_?Name|MAC_?Address)(?=[\\s/>&])'
const tags = new RegExp(`<${element}`, 'gi')
const shown = new RegExp(`(?:<|&lt;)${element}`, 'gi')

const reason =
  'Part of an ACNS document whose beginning is missing: its fields cannot be told apart.'
const beside = 'It stands beside part of an ACNS document whose beginning is missing.'

/** Words around what is left of a document, and that it was skipped. */
export interface WithoutRemains {
  readonly words: string
  readonly skipped: Skipped[]
}

/**
 * Takes out everything from the first such tag to the line of the last one.
 *
 * @param isMarkup true where a reference (`&lt;`) is no tag but shows one
 */
export function withoutRemains(text: string, part: string, isMarkup = false): WithoutRemains {
  const found = [...text.matchAll(isMarkup ? tags : shown)]
  const [first, last] = [found[0], found.at(-1)]
  if (first === undefined || last === undefined) return { words: text, skipped: [] }
  const lineEnd = text.indexOf('\n', last.index)
  const end = lineEnd < 0 ? text.length : lineEnd
  const words = `${text.slice(0, first.index)}\n\n${text.slice(end)}`
  return { words, skipped: [{ part, reason }] }
}

/** Words beside remains may be of them: whatever they say is in doubt. */
export function doubted(notices: readonly Notice[]): Notice[] {
  return notices.map((notice) => ({
    ...notice,
    sightings: notice.sightings.map((said) => inDoubt(said, beside)),
  }))
}
