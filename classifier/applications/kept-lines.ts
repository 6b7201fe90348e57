import { closeSync, existsSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'

/** What holds until a time, as it is kept in a file: what it is about, until when (us), what. */
export type KeptLine = readonly [key: string, untilUs: number, value: unknown]

/** Octets of a file that is read back. */
const maxFileBytes = 64 << 20

/** Lines that are written before others may have their turn. */
const linesAtOnce = 500

/**
 * Writes lines, one JSON array each, with pauses in which what came meanwhile is dealt with; the
 * file is replaced as a whole.
 */
export async function writeKept(path: string, lines: Iterable<KeptLine>): Promise<void> {
  const file = openSync(`${path}.new`, 'w', 0o600)
  try {
    let text = ''
    let count = 0
    for (const line of lines) {
      text += `${JSON.stringify(line)}\n`
      if (++count % linesAtOnce !== 0) continue
      writeSync(file, text)
      text = ''
      await setImmediate()
    }
    writeSync(file, text)
  } finally {
    closeSync(file)
  }
  renameSync(`${path}.new`, path)
}

/**
 * Reads back what {@link writeKept} wrote.
 *
 * @param take gets each line; false where it is none of those that are kept
 * @returns lines that were passed over because they are damaged
 */
export function readKept(path: string, take: (...line: KeptLine) => boolean): number {
  if (!existsSync(path)) return 0
  const text = readFileSync(path, 'utf8').slice(0, maxFileBytes)
  let passed = 0
  for (const line of text.split('\n')) {
    if (line === '') continue
    const entry = parsed(line)
    const [key, untilUs, value] = Array.isArray(entry) ? (entry as unknown[]) : []
    const isEntry = typeof key === 'string' && typeof untilUs === 'number'
    if (!isEntry || !take(key, untilUs, value)) passed++
  }
  return passed
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
