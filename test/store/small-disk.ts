import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { programMissing, rootMissing, skipUnless } from '../skip.ts'

/** True where small disks cannot be mounted here. */
export const skipDisks = skipUnless('program', rootMissing() ?? programMissing('mkfs.ext4'))

/** Disks of a few MiB, mounted for a test and gone after it. */
export function useDisks(): {
  tmpfs(mebibytes: number): string
  /** An ext4 whose device has room for less than it says: writing back fails with EIO. */
  thin(mebibytes: number): { directory: string; makeRoom(): void }
} {
  const mounted: string[] = []
  const made: string[] = []
  const mount = (...argv: string[]): void => {
    execFileSync('mount', argv)
    mounted.push(argv.at(-1) ?? '')
  }
  const folder = (): string => {
    const directory = mkdtempSync(join(tmpdir(), 'flowledger-disk-'))
    made.push(directory)
    return directory
  }
  const tmpfs = (mebibytes: number): string => {
    const directory = folder()
    mount('-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', directory)
    return directory
  }
  afterEach(() => {
    for (const directory of mounted.splice(0).toReversed()) spawnSync('umount', ['-l', directory])
    for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true })
  })
  return {
    tmpfs,
    thin(mebibytes) {
      const backing = tmpfs(mebibytes)
      const image = join(backing, 'image')
      writeFileSync(image, '')
      truncateSync(image, 64 << 20)
      execFileSync('mkfs.ext4', ['-q', '-O', '^has_journal', '-E', 'lazy_itable_init=1', image])
      const directory = join(folder(), 'mounted')
      mkdirSync(directory)
      mount('-o', 'loop,errors=continue', image, directory)
      const makeRoom = (): void => {
        execFileSync('mount', ['-o', 'remount,size=128m', backing])
      }
      return { directory, makeRoom }
    },
  }
}
