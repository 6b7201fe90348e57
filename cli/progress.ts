import { statSync } from 'node:fs'
import { showProgress } from './import/progress.ts'

/** How far a command is, told as it goes on. */
export interface CommandProgress {
  /** @param outOf where that is known only later */
  readonly at: (count: number, outOf?: number) => void
  readonly end: () => void
}

/**
 * Progress with rate and time left, on standard error where that is a terminal, and data does not
 * go to it too.
 *
 * @param what is counted: `entries`
 * @param total of them; 0 where nobody knows
 */
export function commandProgress(what: string, total = 0): CommandProgress {
  if (!process.stderr.isTTY || process.stdout.isTTY) {
    return { at: () => {}, end: () => {} }
  }
  const { report, done } = showProgress(process.stderr)
  return {
    at: (count, outOf = total) => report({ lines: count, what, bytes: count, bytesTotal: outOf }),
    end: done,
  }
}

const megabyte = 1e6

/** Progress over files that are read one after another; it is handed the octets of each read. */
export function filesProgress(files: readonly string[]): {
  readonly read: (octets: number) => void
  readonly end: () => void
} {
  const sizes = files.map((file) => statSync(file, { throwIfNoEntry: false }))
  // What is no plain file has no size that is known before its end.
  const isKnown = sizes.every((stat) => stat?.isFile() === true)
  const total = isKnown ? sizes.reduce((sum, stat) => sum + (stat?.size ?? 0), 0) : 0
  const { at, end } = commandProgress('MB', total / megabyte)
  let octets = 0
  return {
    read(more) {
      octets += more
      at(Math.floor(octets / megabyte))
    },
    end,
  }
}
