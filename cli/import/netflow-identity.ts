import { createHash } from 'node:crypto'
import type { Hash } from 'node:crypto'
import { createReadStream, closeSync, openSync, readSync } from 'node:fs'
import { canGrow } from '../../collector/netflow/from-files.ts'
import type { ExporterSettings } from '../../collector/netflow/settings.ts'
import { FlowledgerError } from '../../model/errors.ts'
import type { NetflowSink } from '../import-ledger.ts'

/** Octets by which files that have grown are looked for; what is found is compared as a whole. */
const headBytes = 64
/** Sizes of files with one head that are looked at. */
const maxSizes = 1000

/**
 * What files hold, which is how they are known: those that are given together share templates. All
 * sizes are octets from the beginning of the first file.
 */
export interface NetflowFiles {
  readonly key: string
  /** Octets of each file: what is appended later is left to the next import. */
  readonly sizes: readonly number[]
  /** Where earlier imports of the same files ended, when these were shorter or fewer. */
  readonly ends: readonly number[]
  /** Batches behind the last of them that are written. */
  readonly written: number | 'all'
  /** Tells rows of these files from those of others: 32 bits. */
  readonly run: number
}

const digestOf = (hash: Hash): string => `netflow ${hash.digest('hex')}`

function cannotRead(file: string, cause: unknown): FlowledgerError {
  const fix = 'Name files that this user may read.'
  return new FlowledgerError('usage', `${file} cannot be read.`, { fix, cause })
}

function headOf(file: string): Buffer {
  try {
    const descriptor = openSync(file, 'r')
    try {
      const head = Buffer.alloc(headBytes)
      return head.subarray(0, readSync(descriptor, head, 0, headBytes, 0))
    } finally {
      closeSync(descriptor)
    }
  } catch (cause) {
    throw cannotRead(file, cause)
  }
}

/** Sizes at which files that begin alike were imported, smallest first. */
async function knownSizes(sink: NetflowSink, head: string): Promise<readonly number[]> {
  const sizes: number[] = []
  while (sizes.length < maxSizes) {
    const size = await sink.written(`${head} ${sizes.length}`)
    if (size === 0 || size === 'all') break
    sizes.push(size)
  }
  return sizes
}

/**
 * Looks what of these files is in the ledger.
 *
 * @throws FlowledgerError `usage` for a file that cannot be read; what the sink throws
 */
export async function knowNetflowFiles(
  files: readonly string[],
  exporters: readonly ExporterSettings[],
  sink: NetflowSink
): Promise<NetflowFiles> {
  const settings = JSON.stringify(exporters)
  const first = createHash('sha256').update(settings)
  const head = `netflow head ${first.update(headOf(files[0] ?? '')).digest('hex')}`
  const known = await knownSizes(sink, head)
  const inOrder = [...new Set(known)].sort((a, b) => a - b)
  const hash = createHash('sha256').update(settings)
  const earlier: { readonly at: number; readonly key: string }[] = []
  const sizes: number[] = []
  let bytes = 0
  // Two files are not the one that their octets together make.
  const note = (at: number): void => {
    earlier.push({ at, key: digestOf(hash.copy().update(`\n${at}\n`)) })
  }
  for (const file of files) {
    const from = bytes
    const inside = canGrow(file) ? inOrder : []
    try {
      for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
        let done = 0
        for (const at of inside.filter((one) => one > bytes && one < bytes + chunk.length)) {
          hash.update(chunk.subarray(done, at - bytes))
          done = at - bytes
          note(at)
        }
        hash.update(chunk.subarray(done))
        bytes += chunk.length
        if (inside.includes(bytes)) note(bytes)
      }
    } catch (cause) {
      throw cannotRead(file, cause)
    }
    sizes.push(bytes - from)
    if (inOrder.includes(bytes) && !inside.includes(bytes)) note(bytes)
    hash.update(`\n${bytes}\n`)
  }
  const key = digestOf(hash)
  if (!known.includes(bytes) && known.length < maxSizes) {
    await sink.remember(`${head} ${known.length}`, bytes)
  }
  const before = earlier.filter((one) => one.at < bytes)
  return { key, sizes, ...(await writtenOf(sink, before, key)) }
}

/** What was written of files that were shorter, and of these. */
async function writtenOf(
  sink: NetflowSink,
  earlier: readonly { readonly at: number; readonly key: string }[],
  own: string
): Promise<Pick<NetflowFiles, 'ends' | 'written' | 'run'>> {
  const ends: number[] = []
  let firstKey: string | undefined
  let most = 0
  for (const { at, key } of earlier) {
    const written = await sink.written(key)
    if (written === 0) continue
    firstKey ??= key
    if (written === 'all') ends.push(at)
    else most = Math.max(most, written)
  }
  const written = await sink.written(own)
  const run = Number.parseInt((firstKey ?? own).slice(8, 16), 16)
  return { ends, run, written: written === 'all' ? written : Math.max(most, written) }
}
