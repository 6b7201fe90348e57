import { createHash } from 'node:crypto'
import { chmod, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { syncPath } from '../sync-path.ts'
import { makeFolder, modesOf } from './modes.ts'
import { hashFile } from './file-index.ts'
import { RowChecksum } from './row-checksum.ts'
import { filesOf, sealedFormat } from './sealed-layout.ts'
import type { AddressRange } from './sealed-layout.ts'
import type { RowBounds, RowSums, Staging } from './staging.ts'

/** Where a file stands in the archive, and what its metadata says. */
export interface SealedPlace {
  readonly hourUs: number
  readonly generation: number
}

/** A file that is whole, on disk and proved, under a name that nobody reads yet. */
export interface DraftFile extends SealedPlace {
  /** Relative to the archive's directory. */
  readonly path: string
  readonly draft: string
  readonly octets: number
  /** Rows that stand in the row of another. */
  readonly joined: number
  readonly sha256: Buffer
  readonly indexSha256: Buffer
  readonly checksum: Buffer
  readonly sums: RowSums
  readonly bounds: RowBounds
}

/** Ends of the names of files that are not finished. */
export const draftSuffix = '.draft'

const partsOfHour = (hourUs: number): string[] =>
  new Date(hourUs / 1000).toISOString().split(/[-T:]/)

/** `2026/11/26`, relative to the archive's directory. */
export const folderOf = (hourUs: number): string => partsOfHour(hourUs).slice(0, 3).join('/')

/** `flow_2026112612.`, with which the names of all files of an hour begin. */
export const namePrefixOf = (hourUs: number): string =>
  `flow_${partsOfHour(hourUs).slice(0, 4).join('')}.`

/** `2026/11/26/flow_2026112612.1.parquet`, relative to the archive's directory. */
export const pathOf = ({ hourUs, generation }: SealedPlace): string =>
  `${folderOf(hourUs)}/${namePrefixOf(hourUs)}${generation}.parquet`

/** What another engine reads in the file about the file. */
function metadataOf(place: SealedPlace, sources: ReadonlyMap<number, string>) {
  return {
    'flowledger.format': String(sealedFormat),
    'flowledger.hour': new Date(place.hourUs / 1000).toISOString(),
    'flowledger.generation': String(place.generation),
    'flowledger.sources': JSON.stringify(Object.fromEntries(sources)),
  }
}

/** Reads a file back: the checksum of its rows. */
async function checksumOf(staging: Staging, path: string): Promise<RowChecksum> {
  const checksum = new RowChecksum()
  for await (const rows of staging.read(path)) checksum.add(rows)
  return checksum
}

function requireSame(expected: RowChecksum, found: RowChecksum, path: string): void {
  if (found.rows === expected.rows && found.digest().equals(expected.digest())) return
  throw new Error(`${path} does not hold what was read: ${found.rows} of ${expected.rows} rows`)
}

/** Writes what is staged of a range as one file; gives also the checksum of what is in it. */
async function writeOne(
  directory: string,
  staging: Staging,
  place: SealedPlace,
  sources: ReadonlyMap<number, string>,
  range: AddressRange
): Promise<{ draft: DraftFile; checksum: RowChecksum }> {
  const path = pathOf(place)
  const draft = join(directory, `${path}${draftSuffix}`)
  await makeFolder(directory, dirname(draft))
  const modes = await modesOf(directory)
  await rm(draft, { force: true })
  await staging.write(draft, metadataOf(place, sources), range)
  await chmod(draft, modes.file)
  await syncPath(draft)
  const found = await checksumOf(staging, draft)
  const groups = await staging.groups(draft)
  const { octets, sha256, index } = await hashFile(draft, groups)
  await writeFile(`${draft}.index`, index, { flush: true, mode: 0o600 })
  await chmod(`${draft}.index`, modes.file)
  const indexSha256 = createHash('sha256').update(index).digest()
  const sums = await staging.sums(draft)
  const bounds = await staging.bounds(draft)
  const joined = sums.rows - groups.reduce((rows, group) => rows + group.rows, 0)
  const checksum = found.digest()
  const proved = { path, draft, octets, joined, sha256, indexSha256, checksum, sums, bounds }
  return { draft: { ...place, ...proved }, checksum: found }
}

/**
 * Writes what is staged as a file of the archive, and proves it: each row is read back and must be
 * what went in.
 *
 * @param expected of the rows that went in
 * @throws Error where a row is missing, too many or another
 */
export async function writeDraft(
  directory: string,
  staging: Staging,
  place: SealedPlace,
  expected: RowChecksum,
  sources: ReadonlyMap<number, string>
): Promise<DraftFile> {
  const { draft, checksum } = await writeOne(directory, staging, place, sources, {})
  requireSame(expected, checksum, draft.path)
  return draft
}

/**
 * Does the same with as many files as an hour of so many rows goes to, in generations that follow
 * each other. All of their rows together must be what went in.
 *
 * @param fileRows that a file should have; left out: as many as suit look-ups
 */
export async function writeDrafts(
  directory: string,
  staging: Staging,
  first: SealedPlace,
  expected: RowChecksum,
  sources: ReadonlyMap<number, string>,
  fileRows?: number
): Promise<readonly DraftFile[]> {
  const drafts: DraftFile[] = []
  const found = new RowChecksum()
  for (const range of await staging.ranges(filesOf(expected.rows, fileRows))) {
    const place = { hourUs: first.hourUs, generation: first.generation + drafts.length }
    const { draft, checksum } = await writeOne(directory, staging, place, sources, range)
    found.addAll(checksum)
    drafts.push(draft)
  }
  requireSame(expected, found, pathOf(first))
  return drafts
}

/** Gives a draft its name. Until the catalogue has it, it may be replaced or removed. */
export async function publishDraft(directory: string, { path, draft }: DraftFile): Promise<void> {
  const target = join(directory, path)
  await rename(`${draft}.index`, `${target}.index`)
  await rename(draft, target)
  // The folders of the day may be new too.
  for (let folder = dirname(target); ; folder = dirname(folder)) {
    await syncPath(folder)
    if (folder.length <= directory.length) return
  }
}

/** Removes what a draft left behind. */
export async function discardDraft({ draft }: Pick<DraftFile, 'draft'>): Promise<void> {
  await rm(draft, { force: true })
  await rm(`${draft}.index`, { force: true })
}
