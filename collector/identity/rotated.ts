import { open, readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { beginsAs } from './tail-memory.ts'
import type { Mark } from './tail-memory.ts'

/** Files beside the followed one that are looked at. */
const maxCandidates = 32

/** What programs put behind a name when they rotate: `.1`, `-20261120`, `.2026-11-20`, `~`. */
const rotatedName = /^(~|[.-]\d[\d.-]{0,20})$/

/**
 * Finds the file that the mark was made of under the name that it has been given since, and those
 * that followed it: its end was written while nobody read.
 *
 * @returns paths in the order in which they were written, the marked one first; none where it is
 *   gone
 */
export async function findRotated(path: string, mark: Mark): Promise<string[]> {
  const candidates = await writtenBefore(path)
  for (const [index, candidate] of candidates.entries()) {
    if (candidate.size < mark.length) continue
    const file = await open(candidate.path, 'r').catch(() => undefined)
    if (file === undefined) continue
    try {
      // Newest first, so those before it in the list were written after it.
      if (await beginsAs(file, mark)) {
        return candidates
          .slice(0, index + 1)
          .map((each) => each.path)
          .toReversed()
      }
    } finally {
      await file.close()
    }
  }
  return []
}

interface Candidate {
  readonly path: string
  readonly size: number
  readonly mtimeMs: number
}

/** Newest first. */
async function writtenBefore(path: string): Promise<Candidate[]> {
  const name = basename(path)
  const names = await readdir(dirname(path)).catch(() => [])
  const rotated = names.filter(
    (each) => each.startsWith(name) && rotatedName.test(each.slice(name.length))
  )
  const found: Candidate[] = []
  for (const each of rotated.slice(0, 4 * maxCandidates)) {
    const candidate = join(dirname(path), each)
    const facts = await stat(candidate).catch(() => undefined)
    if (facts?.isFile() !== true) continue
    found.push({ path: candidate, size: facts.size, mtimeMs: facts.mtimeMs })
  }
  return found.sort((a, b) => b.mtimeMs - a.mtimeMs).slice(0, maxCandidates)
}
