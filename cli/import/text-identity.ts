import { createHash } from 'node:crypto'
import { LineReader } from '../../collector/conntrack/text-line.ts'
import { LineSplitter, headOf } from './line-splitter.ts'
import type { ImportCursor, LedgerSink } from './ledger-sink.ts'
import { DamagedTextError } from './text-source.ts'
import type { TextSource } from './text-source.ts'

/** What is looked at for the first event; a text without one so far is known by all of this. */
const headBytes = 64 << 10

/** Texts of one source that begin with the very same event, as excerpts of one log do. */
const maxNamesakes = 1000

/** A text as the ledger knows it. */
export interface TextIdentity {
  /** Name of its cursor, and what its flow ids are made from: hexadecimal, 32 digits or more. */
  readonly key: string
  /** How far an earlier import came. */
  readonly cursor: ImportCursor | undefined
  /** Where an earlier import, before that, had come to the text's end. */
  readonly endCursor: ImportCursor | undefined
}

/** The beginning of a text: what it is known by, and when it begins. */
export interface TextHead {
  readonly digest: string
  /** Time of the first event that has one (us); 0 where none has. */
  readonly firstUs: number
}

/**
 * Reads the beginning of a text, up to its first event: names, dates and sizes of files change when
 * logs are rotated and while they grow, their beginning does not.
 */
export async function readHead(text: TextSource): Promise<TextHead> {
  const hash = createHash('sha256')
  const reader = new LineReader()
  const splitter = new LineSplitter()
  let firstUs = 0
  let done = false
  const onLine = (line: string): void => {
    if (done) return
    hash.update(line, 'latin1').update('\n')
    if (reader.read(line) !== undefined) return
    firstUs = reader.timeUs
    done = true
  }
  try {
    for await (const chunk of text.chunks()) {
      splitter.push(chunk.subarray(0, headBytes), onLine, () => {})
      if (done || splitter.offset + splitter.tail.length >= headBytes) break
    }
  } catch (error) {
    if (!(error instanceof DamagedTextError)) throw error
  }
  // A text that ends without a line end is the same text once the end is there.
  if (splitter.tail !== '') onLine(splitter.tail)
  return { digest: hash.digest('hex'), firstUs }
}

/**
 * Finds how far a text was imported. Its beginning gives the key; the cursor's hash decides whether
 * what was imported under that key is this text, so that nothing is passed over by mistake.
 *
 * @param options whatever else makes the import another one (`--at`, `--tz`)
 */
export async function identify(
  text: TextSource,
  head: TextHead,
  options: string,
  sink: LedgerSink
): Promise<TextIdentity> {
  for (let namesake = 0; namesake < maxNamesakes; namesake++) {
    const named = `conntrack text ${head.digest} ${options} ${namesake}`
    const key = createHash('sha256').update(named).digest('hex').slice(0, 40)
    const cursor = await sink.readCursor(key)
    const endCursor = await sink.readCursor(endKey(key))
    if (cursor === undefined || (await begins(text, cursor))) return { key, cursor, endCursor }
  }
  throw new Error(`${text.name} begins as ${maxNamesakes} other texts of this source do`)
}

/** Key of the cursor that keeps where the text once ended. */
export function endKey(key: string): string {
  return `${key}-end`
}

/** Octets that a cursor stands for. */
export function takenBy(cursor: ImportCursor | undefined): number {
  return Math.floor((cursor?.segment ?? 0) / 2)
}

/** Whether the text begins with the octets that were imported. */
async function begins(text: TextSource, cursor: ImportCursor): Promise<boolean> {
  const hash = createHash('sha256')
  let left = takenBy(cursor)
  if (left === 0) return true
  try {
    for await (const chunk of text.chunks()) {
      hash.update(chunk.subarray(0, left))
      left -= Math.min(left, chunk.length)
      if (left === 0) break
    }
  } catch (error) {
    if (!(error instanceof DamagedTextError)) throw error
  }
  return left === 0 && headOf(hash) === cursor.offset
}
