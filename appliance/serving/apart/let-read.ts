import { chmod, lchown, mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Folders hand their group down (set-group-ID), so that what is sealed later is readable too. */
const folderMode = 0o2750
const fileMode = 0o640

/**
 * Lets a group read the archive of sealed hours, and nobody write it. What is there is gone through
 * once: afterwards the directory itself shows that it was.
 *
 * @param directory made where it is missing
 */
export async function letRead(directory: string, gid: number): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const { mode, gid: known } = await stat(directory)
  if (known === gid && (mode & 0o7777) === folderMode) return
  await letReadBelow(directory, gid)
  // The directory last: a walk that was cut short is made again.
  await lchown(directory, 0, gid)
  await chmod(directory, folderMode)
}

async function letReadBelow(folder: string, gid: number): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    // Links lead out of the archive.
    if (!entry.isDirectory() && !entry.isFile()) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await letReadBelow(path, gid)
    await lchown(path, 0, gid)
    await chmod(path, entry.isDirectory() ? folderMode : fileMode)
  }
}
