import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'

const chunkBytes = 1 << 20

/**
 * How far a file was read, told by what stands in it: names, numbers and times of files mean
 * nothing once a file was rotated, restored or written anew.
 */
const markSchema = z.strictObject({
  /** Octets from the file's beginning that `sha256` covers. */
  length: z.int().min(0),
  sha256: z.string().length(64),
  /** Octets whose statements are stored; not more than `length`. */
  offset: z.int().min(0),
})

export type Mark = z.infer<typeof markSchema>

/** What is remembered of a followed file over a restart. */
export interface TailMemory {
  load(): Mark | undefined
  save(mark: Mark): void
}

/** Remembers in a file, which is replaced whole. What cannot be read there counts as nothing. */
export function memoryAt(path: string): TailMemory {
  return {
    load() {
      try {
        return markSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
      } catch {
        return undefined
      }
    },
    save(mark) {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(`${path}.new`, `${JSON.stringify(mark)}\n`, { mode: 0o600 })
      renameSync(`${path}.new`, path)
    },
  }
}

/** True where the file begins with the very octets that the mark was made of. */
export async function beginsAs(file: FileHandle, mark: Mark): Promise<boolean> {
  const hash = createHash('sha256')
  const buffer = Buffer.alloc(Math.min(chunkBytes, Math.max(1, mark.length)))
  let at = 0
  while (at < mark.length) {
    const wanted = Math.min(buffer.length, mark.length - at)
    const { bytesRead } = await file.read(buffer, 0, wanted, at)
    if (bytesRead === 0) return false
    hash.update(buffer.subarray(0, bytesRead))
    at += bytesRead
  }
  return hash.digest('hex') === mark.sha256
}
