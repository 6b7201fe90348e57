import { closeSync, fsyncSync, openSync } from 'node:fs'
import { open } from 'node:fs/promises'

/**
 * Makes what was written to a path last through a loss of power. Of a folder these are the names in
 * it: a file that was made or renamed there may otherwise be gone, or be the one that it replaced,
 * however well its content was flushed.
 *
 * @throws Error of the system
 */
export async function syncPath(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/** As {@link syncPath}, and waits for it. */
export function syncPathNow(path: string): void {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
