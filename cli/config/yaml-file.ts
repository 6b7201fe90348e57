import { readFileSync, statSync } from 'node:fs'
import { isMap, isNode, isScalar, isSeq } from 'yaml'
import type { Document, Node, Pair } from 'yaml'
import { FlowledgerError } from '../../model/errors.ts'
import { readYaml } from '../../model/yaml-document.ts'

/** A configuration is a few kilobytes; something far larger is another file given by mistake. */
const maxConfigBytes = 1 << 20

/** A YAML file's content with the place of each key in it. */
export interface YamlFile {
  readonly file: string
  readonly value: unknown
  /** `file:line:column` of the value at `path`, or of its nearest parent that is there. */
  locate(path: readonly PropertyKey[], what: 'key' | 'value'): string
  has(path: readonly PropertyKey[]): boolean
}

function readText(file: string): string {
  try {
    if (statSync(file).size > maxConfigBytes) {
      throw new FlowledgerError('config-invalid', `${file} is too large for a configuration.`, {
        fix: 'A configuration is at most 1 MiB of YAML.',
      })
    }
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof FlowledgerError) throw error
    const reason = (error as NodeJS.ErrnoException).code ?? String(error)
    throw new FlowledgerError('config-invalid', `${file} cannot be read (${reason}).`, {
      fix: 'Give a readable file with --config, or leave the option out.',
      cause: error,
    })
  }
}

function pairAt(node: Node | null, key: PropertyKey): Pair | undefined {
  if (!isMap(node)) return undefined
  return node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(key))
}

/** The node of the last part of `path` that exists, and whether that was the whole path. */
function find(document: Document, path: readonly PropertyKey[], what: 'key' | 'value') {
  let at: Node | null = document.contents
  let shown: Node | null = at
  for (const part of path) {
    const pair = pairAt(at, part)
    const value: unknown = pair === undefined && isSeq(at) ? at.items[Number(part)] : pair?.value
    if (pair === undefined && value === undefined) return { node: shown, whole: false }
    const key = isNode(pair?.key) ? pair.key : undefined
    at = isNode(value) ? value : null
    shown = (what === 'key' ? key : undefined) ?? at ?? key ?? shown
  }
  return { node: shown, whole: true }
}

/**
 * Reads a YAML 1.2 file.
 *
 * @throws FlowledgerError `config-invalid` naming the line and column of what is no YAML
 */
export const readYamlFile = (file: string): YamlFile => yamlOf(file, readText(file))

/** As {@link readYamlFile}, of a text that was read out of `file`. */
export function yamlOf(file: string, text: string): YamlFile {
  const { document, lines, problems } = readYaml(text)
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset)
    return `${file}:${line}:${col}`
  }
  const [problem] = problems
  if (problem !== undefined) {
    throw new FlowledgerError('config-invalid', `${place(problem.at)}: ${problem.text}.`)
  }
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: 20 })
  } catch (error) {
    throw new FlowledgerError('config-invalid', `${file}: ${(error as Error).message}.`)
  }
  return {
    file,
    value: value ?? {},
    locate: (path, what) => place(find(document, path, what).node?.range?.[0] ?? 0),
    has: (path) => find(document, path, 'value').whole,
  }
}
