import { closeSync, constants, ftruncateSync, mkdirSync, openSync } from 'node:fs'
import { readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import koffi from 'koffi'
import { FlowledgerError } from '../model/errors.ts'

/** LOCK_EX | LOCK_NB of <sys/file.h>. */
const exclusiveWithoutWaiting = 2 | 4

/** Held until `release`, or until the process is gone in whatever way. */
export interface DataDirLock {
  release(): void
}

function lockFile(fd: number): boolean {
  const flock = koffi.load('libc.so.6').func('int flock(int fd, int operation)')
  return flock(fd, exclusiveWithoutWaiting) === 0
}

/** What the holder wrote of itself; the file may be empty for an instant. */
function holder(file: string): string {
  const [pid = '', command = ''] = readFileSync(file, 'utf8').trim().split(' ')
  return /^\d+$/.test(pid) ? `process ${pid} (flowledger ${command})` : 'another process'
}

/**
 * Makes the data directory where it is missing and takes it for this process alone.
 *
 * The lock is flock(2) on a file held open: the kernel gives it up when the process ends, also by
 * kill -9, so there is no stale lock and no guessing from a process id that was used again. Child
 * processes do not inherit it, since Node opens files close-on-exec.
 *
 * @param command what takes it, for the message of whoever comes second
 * @throws FlowledgerError `data-dir-in-use` naming the process that has it
 */
export function lockDataDir(dataDir: string, command: string): DataDirLock {
  // The embedded server runs as a user of its own below this directory, so others may pass
  // through; what is secret in it is readable by its owner only.
  mkdirSync(dataDir, { recursive: true, mode: 0o711 })
  const file = join(dataDir, 'lock')
  const fd = openSync(file, constants.O_RDWR | constants.O_CREAT, 0o644)
  if (!lockFile(fd)) {
    closeSync(fd)
    const who = holder(file)
    throw new FlowledgerError('data-dir-in-use', `${dataDir} is in use by ${who}.`, {
      fix: 'Stop that process, or give this one a directory of its own with --data-dir.',
    })
  }
  ftruncateSync(fd)
  writeSync(fd, `${process.pid} ${command}\n`)
  return { release: () => closeSync(fd) }
}
