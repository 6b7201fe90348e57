import type { RuleDraft } from './draft.ts'
import { normaliseHost } from './host-name.ts'
import { eachLine, wordsOf } from './lines.ts'
import type { Word } from './lines.ts'
import { applicationCategories } from './rules.ts'
import type { ApplicationCategory } from './rules.ts'

/*
 *   [voip]                                        the category of what follows
 *   zoom "Zoom" zoom.us zoom.com                  an application and its names, title if it differs
 *     more =exact.example.net *word* /pattern/    further ones: one host alone, a part of a name,
 *                                                 a pattern over the whole name
 *     net 192.0.2.0/24 2001:db8::/32              addresses that are its own
 *     shared 198.51.100.0/24                      addresses that it shares: they name nothing alone
 *     when protocol == 'zoom';                    an expression over the flow
 *     alias netify.zoom 244                       names and numbers that others know it by
 *     is us02web.zoom.us                          examples, tested whenever rules are loaded:
 *     not zoom.us.example.net                     hosts that shall be named so, and that shall not
 *
 * Names mean themselves and all below them; the longest counts.
 */

interface Reading {
  readonly draft: RuleDraft
  category: ApplicationCategory
  /** The application that indented lines belong to; empty before the first. */
  name: string
  owner: number
}

/** Reads a rule file of flowledger's own format. */
export function readOwnFormat(text: string, draft: RuleDraft): void {
  const reading: Reading = { draft, category: 'unclassified', name: '', owner: 0 }
  eachLine(text, draft, (line) => {
    if (line.startsWith('[')) readCategory(line, reading)
    else if (line.startsWith(' ') || line.startsWith('\t')) readDetail(line, reading)
    else readApplication(line, reading)
  })
}

function readCategory(line: string, reading: Reading): void {
  const name = /^\[([a-z-]+)\]$/.exec(line.replace(/\s*#.*/, ''))?.[1]
  const category = applicationCategories.find((one) => one === name)
  if (category === undefined) {
    reading.draft.error(`${line.slice(0, 60)} is no category: ${applicationCategories.join(' ')}.`)
  } else reading.category = category
}

function readApplication(line: string, reading: Reading): void {
  const { draft, category } = reading
  const parts = /^([a-z0-9][a-z0-9-]{0,63})(?:\s+"([^"]{1,80})")?(?=\s|$)/.exec(line)
  if (parts === null) {
    const what = 'A line begins with the name of an application: lower case, digits, hyphens.'
    draft.error(what)
    reading.name = ''
    return
  }
  const [head, name = '', given] = parts
  const title = given ?? name.charAt(0).toUpperCase() + name.slice(1)
  reading.name = name
  reading.owner = draft.application(name, { title, category })
  const rest = ' '.repeat(head.length) + line.slice(head.length)
  for (const word of wordsOf(rest)) readHost(word, reading)
}

/** `zoom.us`, `=host.zoom.us`, `*zoom*` and `/^zoom[0-9]+\./`. */
function readHost({ text, column }: Word, { draft, owner }: Reading): void {
  if (text.startsWith('=')) draft.host(owner, text.slice(1), true, column)
  else if (text.startsWith('/') && text.endsWith('/') && text.length > 2) {
    draft.pattern(owner, 'pattern', text.slice(1, -1))
  } else if (/^\*[^*]+\*$/.test(text)) draft.pattern(owner, 'keyword', text.slice(1, -1))
  else draft.host(owner, text, false, column)
}

type ReadWords = (words: readonly Word[], reading: Reading, line: string) => void

const details: Readonly<Record<string, ReadWords>> = {
  more: (words, reading) => {
    for (const word of words) readHost(word, reading)
  },
  net: (words, { draft, owner }) => {
    for (const { text, column } of words) draft.net(owner, text, false, column)
  },
  shared: (words, { draft, owner }) => {
    for (const { text, column } of words) draft.net(owner, text, true, column)
  },
  when: ([first], { draft, name: application }, line) => {
    const column = first?.column ?? line.length + 1
    const expression = line.slice(column - 1)
    draft.softRule({ application, protocol: undefined, expression, column, isForeign: false })
  },
  alias: (words, { draft, name }) => {
    for (const { text } of words) draft.aliases.set(text.toLowerCase(), name)
  },
  is: (words, reading) => addExamples(words, reading, true),
  not: (words, reading) => addExamples(words, reading, false),
}

function addExamples(words: readonly Word[], { draft, name }: Reading, isMeant: boolean): void {
  for (const { text } of words) {
    const { place } = draft
    draft.examples.push({ application: name, host: normaliseHost(text), isMeant, place })
  }
}

function readDetail(line: string, reading: Reading): void {
  const [keyword, ...words] = wordsOf(line)
  if (keyword === undefined) return
  const { draft } = reading
  const read = Object.hasOwn(details, keyword.text) ? details[keyword.text] : undefined
  if (read === undefined) {
    const known = Object.keys(details).join(' ')
    draft.error(`"${keyword.text.slice(0, 40)}" is none of ${known}.`, keyword.column)
  } else if (reading.name === '') draft.error('This belongs to no application.', keyword.column)
  else read(words, reading, line)
}
