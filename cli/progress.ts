import { statSync } from 'node:fs'
import type { Database } from '../store/database.ts'
import { showProgress } from './import/progress.ts'

/** How far a command is, told as it goes on. */
export interface CommandProgress {
  /** False where nobody looks: what is only counted for it need not be. */
  readonly isShown: boolean
  /** @param outOf where that is known only later */
  readonly at: (count: number, outOf?: number) => void
  /** Takes what is shown away; what is told next shows it again. */
  readonly clear: () => void
  readonly end: () => void
}

/** How often what is shown is brought up to date where nothing new is told. */
const tickMs = 250

const nobody: CommandProgress = { isShown: false, at() {}, clear() {}, end() {} }

/**
 * Progress with rate and time left, on standard error where that is a terminal.
 *
 * @param what is counted: `entries`
 * @param total of them; 0 where nobody knows
 * @param isStream the command writes data while it goes on: nothing is shown where they go to the
 *   terminal too
 */
export function commandProgress(
  what: string,
  { total = 0, isStream = false }: { readonly total?: number; readonly isStream?: boolean } = {}
): CommandProgress {
  if (!process.stderr.isTTY || (isStream && process.stdout.isTTY)) return nobody
  const { report, done } = showProgress(process.stderr)
  let last = { lines: 0, what, bytes: 0, bytesTotal: total }
  let isOver = false
  const timer = setInterval(() => report(last), tickMs).unref()
  return {
    isShown: true,
    at(count, outOf = total) {
      // What was under way when another part failed may tell of itself later.
      if (isOver) return
      last = { lines: count, what, bytes: count, bytesTotal: outOf }
      report(last)
    },
    clear: done,
    end() {
      isOver = true
      clearInterval(timer)
      done()
    },
  }
}

const megabyte = 1e6

/**
 * Progress over files that are read one after another; it is handed the octets of each read.
 *
 * @param isStream as for {@link commandProgress}
 */
export function filesProgress(
  files: readonly string[],
  isStream = true
): {
  readonly read: (octets: number) => void
  readonly end: () => void
} {
  const sizes = files.map((file) => statSync(file, { throwIfNoEntry: false }))
  // What is no plain file has no size that is known before its end.
  const isKnown = sizes.every((stat) => stat?.isFile() === true)
  const total = isKnown ? sizes.reduce((sum, stat) => sum + (stat?.size ?? 0), 0) : 0
  const { at, end } = commandProgress('MB', { total: total / megabyte, isStream })
  let octets = 0
  return {
    read(more) {
      octets += more
      at(Math.floor(octets / megabyte))
    },
    end,
  }
}

/** Shows the queries of a command that reads much and prints at its end, until `work` is done. */
export async function showQueries<T>(
  database: Database,
  work: (watched: Database) => Promise<T>
): Promise<T> {
  const progress = commandProgress('queries')
  let [begun, done] = [0, 0]
  const counted = async <R>(query: Promise<R>): Promise<R> => {
    progress.at(done, ++begun)
    return await query.finally(() => progress.at(++done, begun))
  }
  const watched: Database = {
    ...database,
    query: (what, query) => counted(database.query(what, query)),
    transaction: (what, inside) => counted(database.transaction(what, inside)),
  }
  try {
    return await work(watched)
  } finally {
    progress.end()
  }
}
