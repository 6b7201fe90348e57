import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { isScalar } from 'yaml'
import type { Document, LineCounter, Node } from 'yaml'
import { FlowledgerError } from '../model/errors.ts'
import { systemProblem } from '../model/system-error.ts'
import { readYaml } from '../model/yaml-document.ts'
import { maxFileBytes } from './limits.ts'
import { policyError } from './problem.ts'

/** A way into a document: keys of objects and places in lists. */
export type Path = readonly PropertyKey[]

interface Place {
  readonly line: number
  readonly column: number
}

/** Reads a rule file's text. */
export function readRuleText(path: string): string {
  try {
    const fd = openSync(path, 'r')
    try {
      if (fstatSync(fd).size <= maxFileBytes) return readFileSync(fd, 'utf8')
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    const { text, fix } = systemProblem(error, path) ?? { text: String(error), fix: undefined }
    const options = fix === undefined ? {} : { fix }
    throw new FlowledgerError('rules-invalid', `The policy cannot be read: ${text}`, options)
  }
  throw new FlowledgerError('rules-invalid', `${path} is larger than any policy.`)
}

/** A document of YAML, of which JSON is a part, and where in its file each thing stands. */
export class RuleSource {
  readonly file: string
  readonly data: unknown
  private readonly document: Document
  private readonly lines: LineCounter
  private readonly text: string

  /** @throws FlowledgerError `rules-invalid` with the place of what is no YAML */
  constructor(file: string, text: string) {
    this.file = file
    this.text = text
    const { document, lines, problems } = readYaml(text)
    this.document = document
    this.lines = lines
    if (problems.length > 0) {
      throw policyError(
        file,
        problems.map(({ at, text: what }) => Object.assign(this.placeAt(at), { text: what }))
      )
    }
    this.data = this.read()
  }

  /** Where something stands; of what is not there, where that stands in which it is missing. */
  place(path: Path): Place {
    for (let length = path.length; length > 0; length--) {
      const at = this.node(path.slice(0, length))?.range?.[0]
      if (at !== undefined) return this.placeAt(at)
    }
    return { line: 1, column: 1 }
  }

  /** Where in the file a place of a text stands, that the document has at `path`. */
  placeIn(path: Path, inside: Place): Place {
    const start = this.place(path)
    const node = this.node(path)
    if (!isScalar(node)) return start
    if (node.type === 'BLOCK_LITERAL') {
      const line = start.line + inside.line
      const indent = /^ */.exec(this.text.split('\n')[line - 1] ?? '')?.[0].length ?? 0
      return { line, column: indent + inside.column }
    }
    if (inside.line > 1) return start
    const quote = node.type === 'PLAIN' ? 0 : 1
    return { line: start.line, column: start.column + quote + inside.column - 1 }
  }

  private node(path: Path): Node | undefined {
    return this.document.getIn(path, true) as Node | undefined
  }

  private placeAt(offset: number): Place {
    const { line, col } = this.lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }

  /** Aliases that grow without end are refused. */
  private read(): unknown {
    try {
      return this.document.toJS()
    } catch (error) {
      const text = error instanceof Error ? error.message : 'unknown'
      throw policyError(this.file, [{ line: 1, column: 1, text }])
    }
  }
}
