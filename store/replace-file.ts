import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncPath } from './sync-path.ts'

/**
 * Replaces a file as a whole: a crash, of the machine too, leaves the old one or the new one, and
 * once this has ended the new one. Who calls sees that nobody else replaces it at the same time.
 *
 * @throws Error of the system; the old file is then as it was
 */
export async function replaceFile(path: string, text: string, mode = 0o600): Promise<void> {
  await replaceSoon(path, text, mode)
  await syncPath(dirname(path))
}

/**
 * As {@link replaceFile}, for what is replaced again and again: after a loss of power the one
 * before may be back, whole. It costs one flush less.
 */
export async function replaceSoon(path: string, text: string, mode = 0o600): Promise<void> {
  const draft = `${path}.new`
  // One that a crash left has the mode that it was made with.
  await rm(draft, { force: true })
  try {
    const file = await open(draft, 'wx', mode)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, path)
  } catch (error) {
    // A full disk gets back what was written of it.
    await rm(draft, { force: true }).catch(() => {})
    throw error
  }
}
