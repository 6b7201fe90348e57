import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { z } from 'zod'
import type { GroupStatistics } from './staging.ts'

/**
 * The index beside a sealed file, `NAME.parquet.index`: which octets hold which keys, and their
 * SHA-256. What a look-up reads of the file is checked by it first, so that an altered octet is
 * found without reading the whole file. The index itself is hashed in the catalogue.
 *
 * ```
 * {"version":1,"rows":N,"parts":[[octets, rows, first key, last key, SHA-256], …]}
 * ```
 * Parts follow each other from the first octet to the last. Each is a row group but the last one,
 * which is the footer and has no rows.
 */
const hex = z.string().regex(/^[0-9a-f]{64}$/)
const key = z.string().regex(/^-?\d{1,19}$/)
const indexSchema = z.strictObject({
  version: z.literal(1),
  rows: z.number().int().positive(),
  parts: z.array(z.tuple([z.number().int().positive(), z.number().int().min(0), key, key, hex])),
})

/** A run of octets of a sealed file. */
export interface FilePart {
  readonly offset: number
  readonly octets: number
  readonly rows: number
  readonly firstKey: bigint
  readonly lastKey: bigint
  readonly sha256: string
}

export interface FileIndex {
  readonly rows: number
  readonly parts: readonly FilePart[]
}

/** Octets that are read at a time. */
const blockOctets = 1 << 20

/** Hashes octets [from, to) into each of the hashes. */
async function hashRange(
  file: FileHandle,
  from: number,
  to: number,
  hashes: readonly ReturnType<typeof createHash>[]
): Promise<void> {
  const block = Buffer.allocUnsafe(Math.min(blockOctets, Math.max(1, to - from)))
  for (let at = from; at < to;) {
    const { bytesRead } = await file.read(block, 0, Math.min(block.length, to - at), at)
    if (bytesRead === 0) throw new Error(`the file ends at ${at} of ${to} octets`)
    for (const one of hashes) one.update(block.subarray(0, bytesRead))
    at += bytesRead
  }
}

/** The SHA-256 of a part as it stands in the file now. */
export async function hashPart(file: FileHandle, { offset, octets }: FilePart): Promise<string> {
  const hash = createHash('sha256')
  await hashRange(file, offset, offset + octets, [hash])
  return hash.digest('hex')
}

/** The hash of a whole file, and the text of its index. */
export interface HashedFile {
  readonly octets: number
  readonly sha256: Buffer
  readonly index: string
}

/** Reads a file once, for its own hash and those of its parts. */
export async function hashFile(
  path: string,
  groups: readonly GroupStatistics[]
): Promise<HashedFile> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const footerAt = await footerStart(file, size)
    const whole = createHash('sha256')
    const parts: unknown[] = []
    const hashTo = async (from: number, to: number, rows: number, keys: [string, string]) => {
      const hash = createHash('sha256')
      await hashRange(file, from, to, [hash, whole])
      parts.push([to - from, rows, ...keys, hash.digest('hex')])
    }
    for (const [number, { rows, firstKey, lastKey }] of groups.entries()) {
      const from = number === 0 ? 0 : (groups[number]?.offset ?? 0)
      const to = groups[number + 1]?.offset ?? footerAt
      await hashTo(from, to, rows, [firstKey, lastKey])
    }
    await hashTo(footerAt, size, 0, ['0', '0'])
    const rows = groups.reduce((sum, group) => sum + group.rows, 0)
    const index = `${JSON.stringify({ version: 1, rows, parts })}\n`
    return { octets: size, sha256: whole.digest(), index }
  } finally {
    await file.close()
  }
}

/** `… footer | u32 octets of the footer | "PAR1"` (Apache Parquet, file format). */
async function footerStart(file: FileHandle, size: number): Promise<number> {
  const tail = Buffer.alloc(8)
  await file.read(tail, 0, 8, size - 8)
  if (tail.toString('latin1', 4) !== 'PAR1') throw new Error('the file does not end as Parquet')
  return size - 8 - tail.readUInt32LE(0)
}

/**
 * Reads the text of an index.
 *
 * @throws Error where it is none, or does not describe a file of so many octets
 */
export function parseIndex(text: string, octets: number): FileIndex {
  const { rows, parts } = indexSchema.parse(JSON.parse(text))
  let offset = 0
  const placed = parts.map(([length, count, firstKey, lastKey, sha256]): FilePart => {
    const part = { offset, octets: length, rows: count, sha256 }
    offset += length
    return { ...part, firstKey: BigInt(firstKey), lastKey: BigInt(lastKey) }
  })
  if (offset !== octets) throw new Error(`the index is of ${offset} octets, not of ${octets}`)
  return { rows, parts: placed }
}
