import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { FlowledgerError } from '../model/errors.ts'
import { emptyHead } from './audit-chain.ts'
import type { AuditHead } from './audit-chain.ts'
import { withFileLock } from './file-lock.ts'

function pathIn(dataDir: string): string {
  return join(dataDir, 'audit-head')
}

/**
 * The last entry that is known outside the database: who can write the database can cut off its
 * end or chain it anew, but not without this file.
 *
 * @throws FlowledgerError `audit-unwritable` where there is a file that cannot be read
 */
export async function readAuditHead(dataDir: string): Promise<AuditHead> {
  const path = pathIn(dataDir)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return emptyHead
    throw unusable(path, 'cannot be read', error)
  }
  const match = /^(\d{1,15}) ([0-9a-f]{64})\n$/.exec(text)
  if (match === null) throw unusable(path, 'does not hold an entry and its hash')
  return { id: Number(match[1]), hash: match[2] ?? '' }
}

function unusable(path: string, what: string, cause?: unknown): FlowledgerError {
  return new FlowledgerError('audit-unwritable', `${path} ${what}.`, {
    fix: 'Restore it from a backup, or move it away after `flowledger verify-audit`.',
    cause,
  })
}

/**
 * Moves the head forward; a head that is further already stays. Replaced as a whole and flushed, so
 * that a crash leaves the old one or the new one. The lock keeps two processes from crossing.
 *
 * @throws FlowledgerError `audit-unwritable`
 */
export async function advanceAuditHead(dataDir: string, head: AuditHead): Promise<void> {
  const path = pathIn(dataDir)
  await withFileLock(`${path}.lock`, async () => {
    const current = await readAuditHead(dataDir)
    if (current.id >= head.id) return
    const draft = `${path}.new`
    const file = await open(draft, 'w', 0o600)
    try {
      await file.writeFile(`${head.id} ${head.hash}\n`)
      await file.datasync()
    } finally {
      await file.close()
    }
    await rename(draft, path)
  })
}
