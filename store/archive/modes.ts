import { chmod, mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Modes of what is written into an archive. */
export interface ArchiveModes {
  readonly folder: number
  readonly file: number
}

const groupReads = 0o040

/**
 * Folders and files are their owner's alone, or also for the group where the archive's directory
 * is: look-ups may be answered by another user. A directory that sets the group hands it down.
 */
export async function modesOf(directory: string): Promise<ArchiveModes> {
  const { mode } = await stat(directory)
  if ((mode & groupReads) === 0) return { folder: 0o700, file: 0o600 }
  return { folder: (mode & 0o2000) | 0o750, file: 0o640 }
}

/** Makes a folder of the archive, and those above it, whatever the umask says. */
export async function makeFolder(directory: string, folder: string): Promise<void> {
  const modes = await modesOf(directory)
  await mkdir(folder, { recursive: true, mode: modes.folder })
  for (let path = folder; path.length > directory.length; path = dirname(path)) {
    await chmod(path, modes.folder)
  }
}
