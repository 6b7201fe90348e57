import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { Recent } from './recent.ts'

interface Entry<V> {
  readonly untilUs: number
  readonly value: V
}

/** Octets of a file that is read back. */
const maxFileBytes = 64 << 20

/** What holds until a time, bounded in number; it can be kept in a file over a restart. */
export class Remembered<V> {
  private readonly entries: Recent<Entry<V>>

  constructor(size: number) {
    this.entries = new Recent(size)
  }

  get size(): number {
    return this.entries.size
  }

  get(key: string, nowUs: number): V | undefined {
    const entry = this.entries.get(key)
    return entry !== undefined && entry.untilUs > nowUs ? entry.value : undefined
  }

  set(key: string, value: V, untilUs: number): void {
    this.entries.set(key, { untilUs, value })
  }

  /** Writes what still holds, one JSON array a line; the file is replaced as a whole. */
  save(path: string, nowUs: number): void {
    const lines: string[] = []
    for (const [key, { untilUs, value }] of this.entries.entries()) {
      if (untilUs > nowUs) lines.push(`${JSON.stringify([key, untilUs, value])}\n`)
    }
    writeFileSync(`${path}.new`, lines.join(''), { mode: 0o600 })
    renameSync(`${path}.new`, path)
  }

  /**
   * Reads back what {@link save} wrote; a line that is damaged is passed over.
   *
   * @param accept tells whether a value is one of these
   * @returns lines that were passed over
   */
  load(path: string, nowUs: number, accept: (value: unknown) => value is V): number {
    if (!existsSync(path)) return 0
    const text = readFileSync(path, 'utf8').slice(0, maxFileBytes)
    let passed = 0
    for (const line of text.split('\n')) {
      if (line === '') continue
      const entry = parsed(line)
      const [key, untilUs, value] = Array.isArray(entry) ? (entry as unknown[]) : []
      const isEntry = typeof key === 'string' && typeof untilUs === 'number' && accept(value)
      if (isEntry && untilUs > nowUs) this.set(key, value, untilUs)
      else if (!isEntry) passed++
    }
    return passed
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
