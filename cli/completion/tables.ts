import { allCommands } from '../command-tree.ts'
import type { CommandNode } from '../command-tree.ts'

/**
 * What a completion looks up, keyed by the words typed so far. A path is `/` for the program and
 * `/token/create` for a command: no shell splits or globs that inside a pattern in quotes.
 */
export interface CompletionTables {
  /** Paths that a further word leads to. */
  readonly paths: readonly string[]
  /** Commands and fixed operands after a path, each with its text. */
  readonly words: ReadonlyMap<string, readonly Word[]>
  readonly options: ReadonlyMap<string, readonly Word[]>
  /** `PATH OPTION` of options that take a value, with its choices; empty where any will do. */
  readonly values: ReadonlyMap<string, readonly string[]>
}

export interface Word {
  readonly word: string
  readonly text: string
}

const keyOf = (path: readonly string[]): string => `/${path.join('/')}`

/** @param root the whole program, of {@link commandTree} */
export function completionTables(root: CommandNode): CompletionTables {
  const commands = allCommands(root)
  const words = (node: CommandNode): Word[] => [
    ...node.children.map(({ path, text }) => ({ word: path.at(-1) ?? '', text })),
    ...node.operands.map((word) => ({ word, text: '' })),
  ]
  const options = (node: CommandNode): Word[] =>
    node.options.flatMap(({ names, text }) => names.map((word) => ({ word, text })))
  const values = commands.flatMap((node) =>
    node.options
      .filter(({ takesValue }) => takesValue)
      .flatMap(({ names, choices }) =>
        names.map((name) => [`${keyOf(node.path)} ${name}`, choices] as const)
      )
  )
  return {
    paths: commands.filter(({ path }) => path.length > 0).map(({ path }) => keyOf(path)),
    words: new Map(commands.map((node) => [keyOf(node.path), words(node)])),
    options: new Map(commands.map((node) => [keyOf(node.path), options(node)])),
    values: new Map(values),
  }
}

/** A word in single quotes, safe in every shell here. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** Rows with the same result share a `case` arm: `'a'|'b') result ;;`. */
export function arms(rows: Iterable<readonly [key: string, result: string]>): string {
  const byResult = new Map<string, string[]>()
  for (const [key, result] of rows) {
    byResult.set(result, [...(byResult.get(result) ?? []), quoted(key)])
  }
  return [...byResult].map(([result, keys]) => `    ${keys.join('|')}) ${result} ;;`).join('\n')
}
