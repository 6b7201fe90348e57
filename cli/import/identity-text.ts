import { createHash } from 'node:crypto'
import type { Hash } from 'node:crypto'
import { DamagedTextError } from './text-source.ts'
import type { TextSource } from './text-source.ts'

/** Octets by which a text that has grown is looked for; shorter ones are simply read again. */
const headBytes = 64 << 10

/** What of earlier imports is known, by the keys of this source. */
export type ReadCursor = (key: string) => Promise<number | undefined>

/** A text as the store knows it. */
export interface KnownText {
  /** Key of all that the text holds now. */
  readonly key: string
  /** Key of its beginning, under which stands how far it was read; undefined for short ones. */
  readonly headKey: string | undefined
  /** Octets there are; an import ends there, though the file may grow meanwhile. */
  readonly bytes: number
  /** Octets that earlier imports took. */
  readonly done: number
  /** A compressed file that is cut short or damaged: `bytes` end there. */
  readonly damaged: boolean
}

/**
 * Finds how far a text was imported. It is known by what it holds, not by its name: one that was
 * renamed or compressed is the same; one that begins as another did, and goes on otherwise, is not.
 * A text that has grown is known by the hash of what was taken of it.
 *
 * @param options whatever else makes the import another one
 */
export async function knowText(
  text: TextSource,
  options: string,
  readCursor: ReadCursor
): Promise<KnownText> {
  const headKey = await headKeyOf(text, options)
  const claimed = headKey === undefined ? 0 : ((await readCursor(headKey)) ?? 0)
  const { whole, part, bytes, damaged } = await hashText(text, claimed)
  const key = keyOf(options, whole)
  const known = { key, headKey, bytes, damaged }
  const done = await readCursor(key)
  if (done !== undefined) return { ...known, done: Math.min(done, bytes) }
  const isSame = part !== undefined && (await readCursor(keyOf(options, part))) === claimed
  return { ...known, done: isSame ? claimed : 0 }
}

/** The key of the first octets of a text, as {@link knowText} makes that of all of them. */
export async function keyOfPart(
  text: TextSource,
  bytes: number,
  options: string
): Promise<string | undefined> {
  const { part } = await hashText(text, bytes)
  return part === undefined ? undefined : keyOf(options, part)
}

function keyOf(options: string, digest: string): string {
  return createHash('sha256').update(`${options} ${digest}`).digest('hex').slice(0, 40)
}

async function headKeyOf(text: TextSource, options: string): Promise<string | undefined> {
  const hash = createHash('sha256')
  let left = headBytes
  for await (const chunk of whatCanBeRead(text)) {
    hash.update(chunk.subarray(0, left))
    left -= Math.min(left, chunk.length)
    if (left === 0) return keyOf(`head ${options}`, hash.digest('hex'))
  }
  return undefined
}

interface Hashes {
  readonly whole: string
  /** Of the first `partBytes`; undefined where there are fewer. */
  readonly part: string | undefined
  readonly bytes: number
  readonly damaged: boolean
}

async function hashText(text: TextSource, partBytes: number): Promise<Hashes> {
  const hash = createHash('sha256')
  let part: string | undefined
  let bytes = 0
  let damaged = false
  const onDamage = (): void => {
    damaged = true
  }
  for await (const chunk of whatCanBeRead(text, undefined, onDamage)) {
    const here = partBytes - bytes
    if (here > 0 && here <= chunk.length) part = digestWith(hash, chunk.subarray(0, here))
    hash.update(chunk)
    bytes += chunk.length
  }
  return { whole: hash.digest('hex'), part, bytes, damaged }
}

function digestWith(hash: Hash, more: Buffer): string {
  return hash.copy().update(more).digest('hex')
}

/** The text up to where a compressed file is damaged. */
export async function* whatCanBeRead(
  text: TextSource,
  onRaw?: (bytes: number) => void,
  onDamage?: () => void
): AsyncGenerator<Buffer> {
  try {
    yield* text.chunks(onRaw)
  } catch (error) {
    if (!(error instanceof DamagedTextError)) throw error
    onDamage?.()
  }
}
