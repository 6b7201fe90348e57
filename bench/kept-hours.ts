/** What is known of the files of an archive that is kept from one measurement to the next. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DraftFile } from '../store/archive/write-sealed.ts'

/** A line a file: a {@link DraftFile}, octets as `Buffer` writes them. */
const listOf = (directory: string): string => join(directory, 'catalogue.ndjson')

const octets = (_: string, value: unknown): unknown =>
  (value as { type?: string } | null)?.type === 'Buffer'
    ? Buffer.from((value as { data: number[] }).data)
    : value

export function keepDraft(directory: string, draft: DraftFile): void {
  appendFileSync(listOf(directory), `${JSON.stringify(draft)}\n`)
}

/** The files that are there, by hour. */
export function keptDrafts(directory: string): ReadonlyMap<number, readonly DraftFile[]> {
  const path = listOf(directory)
  const kept = new Map<number, DraftFile[]>()
  if (!existsSync(path)) return kept
  for (const line of readFileSync(path, 'utf8').trimEnd().split('\n')) {
    const draft = JSON.parse(line, octets) as DraftFile
    kept.set(draft.hourUs, [...(kept.get(draft.hourUs) ?? []), draft])
  }
  return kept
}
