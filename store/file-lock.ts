import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import koffi from 'koffi'

/** Operations of flock(2). */
const operations = { shared: 1, exclusive: 2, nonBlocking: 4 } as const

/** How long to wait between two tries, in milliseconds: Node cannot block in flock(2). */
const retryMs = 10

let flockCall: ((fd: number, operation: number) => number) | undefined

/**
 * flock(2) is taken from the C library because a lock that the kernel holds is the only one that
 * ends with its process whatever ends the process; a file with a pid in it has to be guessed about
 * after kill -9, and pids come back.
 */
function flock(fd: number, operation: number): boolean {
  flockCall ??= koffi.load('libc.so.6').func('int flock(int fd, int operation)') as (
    fd: number,
    operation: number
  ) => number
  return flockCall(fd, operation | operations.nonBlocking) === 0
}

/** A lock on a file, held until {@link FileLock.release} or the end of the process. */
export interface FileLock {
  /**
   * Turns a shared lock into the only one; false where others hold it too (it is then still held).
   * flock(2) converts in two steps, so two processes must not try at once.
   */
  makeExclusive(): boolean
  release(): Promise<void>
}

function lockOn(file: FileHandle, path: string): FileLock {
  return {
    makeExclusive() {
      if (flock(file.fd, operations.exclusive)) return true
      // The kernel drops the shared lock when the conversion fails, so it is taken again.
      if (!flock(file.fd, operations.shared)) throw new Error(`The lock ${path} was lost.`)
      return false
    },
    release: () => file.close(),
  }
}

/**
 * Waits for the lock on `path`, which is made (0600) where it is missing.
 *
 * @throws Error of node:fs where the file cannot be opened
 */
export async function lockFile(path: string, kind: 'shared' | 'exclusive'): Promise<FileLock> {
  const file = await open(path, 'a', 0o600)
  try {
    while (!flock(file.fd, operations[kind])) await sleep(retryMs)
  } catch (error) {
    await file.close()
    throw error
  }
  return lockOn(file, path)
}

/** Runs `work` while no other process runs under the same lock. */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = await lockFile(path, 'exclusive')
  try {
    return await work()
  } finally {
    await lock.release()
  }
}
