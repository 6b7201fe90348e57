import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { sourceKinds } from '../model/coverage.ts'
import { FlowledgerError } from '../model/errors.ts'
import { syncPathNow } from './sync-path.ts'

const line = z.strictObject({
  index: z.int().min(1).max(0xffff),
  name: z.string().min(1).max(200),
  kind: z.enum(sourceKinds),
})

/** A source whose rows are in a spool under a number of its own. */
export type SpoolSource = z.infer<typeof line>

/** Name of the file beside the segments. */
export const sourcesFile = 'sources.ndjson'

/**
 * Reads which numbers stand for which sources in a spool. A last line that was not written to its
 * end is passed over: no row can use its number yet.
 */
export function readSpoolSources(directory: string): readonly SpoolSource[] {
  const path = join(directory, sourcesFile)
  return existsSync(path) ? sourcesOf(readFileSync(path, 'utf8'), path) : []
}

/** As {@link readSpoolSources}, of what the file at `path` holds. */
export function sourcesOf(text: string, path: string): readonly SpoolSource[] {
  const lines = text.split('\n').slice(0, -1)
  return lines.map((each) => {
    const parsed = line.safeParse(parseJson(each))
    if (parsed.success) return parsed.data
    throw new FlowledgerError('spool-corrupt', `${path} is not what flowledger wrote.`, {
      fix: 'Restore it, or move the directory away: a new spool begins with a gap in coverage.',
    })
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * The sources that one spool holds rows of. A number is safe on disk before the first row uses it,
 * and keeps its meaning for as long as the spool exists.
 */
export class SpoolSources {
  readonly #fd: number
  readonly #byName = new Map<string, SpoolSource>()

  constructor(directory: string) {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const path = join(directory, sourcesFile)
    for (const source of readSpoolSources(directory)) this.#byName.set(source.name, source)
    // What a dying writer left unfinished is taken away, so that the next line is one of its own.
    const isNew = !existsSync(path)
    if (!isNew) truncateSync(path, readFileSync(path).lastIndexOf('\n') + 1)
    this.#fd = openSync(path, 'a', 0o600)
    if (isNew) syncPathNow(directory)
  }

  /**
   * The number of a source, which is taken in where it is new.
   *
   * @returns undefined where there is no number left, or the disk does not take it
   */
  indexOf(name: string, kind: SpoolSource['kind']): number | undefined {
    const found = this.#byName.get(name)
    if (found !== undefined) return found.index
    const index = this.#byName.size + 1
    if (index > 0xffff) return undefined
    const source = { index, name, kind }
    if (!this.#write(source)) return undefined
    this.#byName.set(name, source)
    return index
  }

  /** Every source, in the order of their numbers. */
  list(): readonly SpoolSource[] {
    return [...this.#byName.values()]
  }

  close(): void {
    closeSync(this.#fd)
  }

  #write(source: SpoolSource): boolean {
    const before = fstatSync(this.#fd).size
    const bytes = Buffer.from(`${JSON.stringify(source)}\n`)
    try {
      if (writeSync(this.#fd, bytes) < bytes.length) throw new Error('the disk is full')
      fsyncSync(this.#fd)
      return true
    } catch {
      // The next source would be written behind half a line.
      ftruncateSync(this.#fd, before)
      return false
    }
  }
}
