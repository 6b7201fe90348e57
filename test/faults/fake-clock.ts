import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where Debian's package `faketime` puts what is loaded before libc. */
const library = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/faketime/libfaketime.so.1`

/** Reason why no clock can be faked. */
export function fakeClockMissing(): string | undefined {
  return existsSync(library) ? undefined : 'the package faketime is not installed'
}

/**
 * The wall clock of a program alone, which can be set while it runs: `Date`, but neither monotonic
 * time, by which Node's timers and `performance.now()` go, nor the machine's clock. A step of the
 * machine's own clock looks the same to the program, but for times that the kernel writes: those of
 * files.
 */
export class FakeClock {
  readonly #file: string

  /** @param folder of a file that says how far it is off */
  constructor(folder: string) {
    this.#file = join(folder, 'clock')
    this.set(0)
  }

  /** What the program has to be started with. */
  get environment(): Readonly<Record<string, string>> {
    return {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_RESET: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    }
  }

  /** So far is it ahead of the machine's from now on, or behind (s). */
  set(aheadSeconds: number): void {
    writeFileSync(`${this.#file}.new`, `${aheadSeconds < 0 ? '' : '+'}${aheadSeconds}\n`)
    renameSync(`${this.#file}.new`, this.#file)
  }
}
