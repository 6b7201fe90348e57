import { FlowledgerError } from '../model/errors.ts'
import type { Log } from '../model/log.ts'
import { isConnectionLost } from '../store/database-error.ts'

/** Until a database that is away is asked again: after the first time, and at the longest (ms). */
const firstPauseMs = 500
const longestPauseMs = 10_000

/** True where the database is away, and not another than it should be. */
function isAway(error: unknown): error is FlowledgerError {
  if (!(error instanceof FlowledgerError)) return false
  return error.code === 'database-unreachable' || isConnectionLost(error.cause)
}

/**
 * The way into the ledger. It is shut until the tables are found to be those that this program
 * knows; who collects goes on in front of it, into spools.
 */
export class LedgerGate {
  readonly url: string
  isOpen = false
  /** Resolves once it is open. */
  readonly opened: Promise<void>
  readonly #prepare: () => Promise<void>
  #settle: () => void = () => {}
  #trying: Promise<void> | undefined
  #failure: unknown
  #pauseMs = firstPauseMs
  #nextMs = -Infinity

  /**
   * @param url the log-in of who collects
   * @param prepare sees that the tables are right, or makes them so
   */
  constructor(url: string, prepare: () => Promise<void>) {
    this.url = url
    this.#prepare = prepare
    this.opened = new Promise((resolve) => (this.#settle = resolve))
  }

  /**
   * Goes through; where it is shut the database is asked, though not more often than it should be.
   *
   * @throws what keeps it shut, such as FlowledgerError `database-unreachable`
   */
  async pass(): Promise<void> {
    if (this.isOpen) return
    if (this.#trying === undefined && performance.now() < this.#nextMs) throw this.#failure
    this.#trying ??= this.#try().finally(() => (this.#trying = undefined))
    await this.#trying
  }

  /**
   * As {@link pass}; a database that is away is only told of.
   *
   * @returns false where it is away
   */
  async passOrWait(log: Log): Promise<boolean> {
    try {
      await this.pass()
      return true
    } catch (error) {
      if (!isAway(error)) throw error
      log.warn(`${error.sentence} What is collected waits in the spool until it is there.`)
      void this.opened.then(() => log.info('The database is there: the spool is written to it.'))
      return false
    }
  }

  async #try(): Promise<void> {
    try {
      await this.#prepare()
    } catch (error) {
      this.#failure = error
      this.#nextMs = performance.now() + this.#pauseMs
      this.#pauseMs = Math.min(2 * this.#pauseMs, longestPauseMs)
      throw error
    }
    this.isOpen = true
    this.#settle()
  }
}

/** The ledger of a database whose tables are known to be right. */
export function openGate(url: string): LedgerGate {
  const gate = new LedgerGate(url, async () => {})
  void gate.pass()
  return gate
}
