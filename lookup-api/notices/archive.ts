import { gunzipSync, inflateRawSync } from 'node:zlib'
import { maxArchiveFiles } from './limits.ts'

/**
 * Archives, inflated within a budget that all of one notice share: what would pass it is refused
 * before it is made.
 *
 * ```
 * end of central directory (APPNOTE 4.3.16)       file header (4.3.12)
 *  0 PK\5\6   10 entries   16 directory's place    0 PK\1\2  10 method  20 packed size  24 size
 *                                                 28 name, 30 extra, 32 comment lengths
 *                                                 42 place of the local header  46 name
 * local header (4.3.7): 0 PK\3\4  26 name length  28 extra length  30 name, extra, data
 * ```
 */

/** Bytes that may still be inflated; shared by all archives of a notice. */
export interface Budget {
  left: number
}

/** A file of an archive, or why it is left out. */
export interface ArchivedFile {
  readonly name: string
  readonly bytes?: Uint8Array
  readonly reason?: string
}

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

export const isZip = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4

const tooLarge = 'It would inflate to more than a notice may hold.'

function bounded(budget: Budget, inflate: (maxOutputLength: number) => Buffer): ArchivedFile {
  if (budget.left <= 0) return { name: '', reason: tooLarge }
  try {
    const bytes = inflate(budget.left)
    budget.left -= bytes.length
    return { name: '', bytes }
  } catch (error) {
    const large = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    return { name: '', reason: large ? tooLarge : 'It cannot be inflated.' }
  }
}

/** The content of a gzip file (RFC 1952). */
export function readGzip(name: string, bytes: Uint8Array, budget: Budget): ArchivedFile {
  const inflated = bounded(budget, (maxOutputLength) => gunzipSync(bytes, { maxOutputLength }))
  return { ...inflated, name: name.replace(/\.gz$/i, '') }
}

/** The place of the end of the central directory; a comment may follow it. */
function directoryEnd(buffer: Buffer): number {
  const least = Math.max(0, buffer.length - 22 - 65_535)
  for (let at = buffer.length - 22; at >= least; at--) {
    if (buffer.readUInt32LE(at) === 0x06054b50) return at
  }
  return -1
}

function readEntry(buffer: Buffer, at: number, budget: Budget): ArchivedFile {
  const name = buffer
    .toString('utf8', at + 46, at + 46 + buffer.readUInt16LE(at + 28))
    .slice(0, 100)
  const [flags, method] = [buffer.readUInt16LE(at + 8), buffer.readUInt16LE(at + 10)]
  if ((flags & 1) !== 0) return { name, reason: 'It is encrypted.' }
  const [packed, size] = [buffer.readUInt32LE(at + 20), buffer.readUInt32LE(at + 24)]
  const local = buffer.readUInt32LE(at + 42)
  if (size > budget.left) return { name, reason: tooLarge }
  if (local + 30 > buffer.length) return { name, reason: 'The archive is cut.' }
  const start = local + 30 + buffer.readUInt16LE(local + 26) + buffer.readUInt16LE(local + 28)
  if (start + packed > buffer.length) return { name, reason: 'The archive is cut.' }
  const data = buffer.subarray(start, start + packed)
  if (method === 0) {
    budget.left -= data.length
    return { name, bytes: data }
  }
  if (method !== 8) return { name, reason: `Its compression (method ${method}) is not known.` }
  return {
    ...bounded(budget, (maxOutputLength) => inflateRawSync(data, { maxOutputLength })),
    name,
  }
}

/** The files of a ZIP archive. Folders and empty files are passed over. */
export function readZip(bytes: Uint8Array, budget: Budget): ArchivedFile[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = buffer.length < 22 ? -1 : directoryEnd(buffer)
  if (end < 0) return [{ name: '', reason: 'The archive is cut.' }]
  const files: ArchivedFile[] = []
  const count = buffer.readUInt16LE(end + 10)
  let at = buffer.readUInt32LE(end + 16)
  for (let i = 0; i < count; i++) {
    if (i >= maxArchiveFiles) {
      files.push({ name: '', reason: `The archive has more than ${maxArchiveFiles} files.` })
      break
    }
    if (at + 46 > buffer.length || buffer.readUInt32LE(at) !== 0x02014b50) {
      files.push({ name: '', reason: 'The directory of the archive is cut.' })
      break
    }
    const isFile = buffer.readUInt32LE(at + 24) > 0
    if (isFile) files.push(readEntry(buffer, at, budget))
    at += 46
    at += [28, 30, 32].reduce((sum, field) => sum + buffer.readUInt16LE(at - 46 + field), 0)
  }
  return files
}
