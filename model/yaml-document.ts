import { Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import type { Alias, Node } from 'yaml'

/** What is wrong with a document, and the place of it in the text. */
export interface YamlProblem {
  readonly at: number
  readonly text: string
}

/** A document with what is wrong with it. */
export interface YamlDocument {
  readonly document: Document
  readonly lines: LineCounter
  /** Where there is one, the document's value must not be asked for. */
  readonly problems: readonly YamlProblem[]
}

/** Each is looked up through all that stands before it. */
const maxAliases = 100

/**
 * Reads a YAML 1.2 document in time that grows with its length: a key is one word, is looked for
 * among the others of its map once, and few things stand for another.
 */
export function readYaml(text: string): YamlDocument {
  const lines = new LineCounter()
  // Whether a key stands twice is looked at below: the parser compares each with all before it.
  const how = { lineCounter: lines, prettyErrors: false, uniqueKeys: false } as const
  const document = parsed(text, how)
  if (document === undefined) {
    const problem = { at: 0, text: 'Things stand too deep in one another' }
    return { document: new Document(), lines, problems: [problem] }
  }
  const read = document.errors.map(({ message, pos: [at] }) => ({ at, text: message }))
  const problems = read.length > 0 ? read : problemsIn(document)
  return { document, lines, problems }
}

/** Undefined where things stand so deep in one another that the stack does not hold them. */
function parsed(text: string, how: Parameters<typeof parseDocument>[1]): Document | undefined {
  try {
    return parseDocument(text, how)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** Whether what an alias stands for holds the alias itself, and so never ends. */
function isEndless(alias: Alias, document: Document): boolean {
  const [from, to] = alias.resolve(document)?.range ?? [0, 0]
  const at = alias.range?.[0] ?? 0
  return from <= at && at < to
}

function problemsIn(document: Document): YamlProblem[] {
  const problems: YamlProblem[] = []
  const waiting: unknown[] = [document.contents]
  let aliases = 0
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (isAlias(node) && ++aliases > maxAliases) {
      problems.push({ at: node.range?.[0] ?? 0, text: `More than ${maxAliases} aliases` })
      break
    }
    if (isAlias(node) && isEndless(node, document)) {
      problems.push({ at: node.range?.[0] ?? 0, text: 'An alias stands in what it stands for' })
    }
    if (isSeq(node)) for (const item of node.items) waiting.push(item)
    if (!isMap(node)) continue
    const keys = new Set<unknown>()
    for (const { key, value } of node.items) {
      if (value !== null) waiting.push(value)
      const at = (key as Node | null)?.range?.[0] ?? 0
      if (!isScalar(key)) problems.push({ at, text: 'A key of a map is a word' })
      else if (keys.has(key.value)) problems.push({ at, text: 'Map keys must be unique' })
      else keys.add(key.value)
    }
  }
  return problems.toSorted((a, b) => a.at - b.at)
}
