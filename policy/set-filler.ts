import { errno } from '../netlink/libc.ts'
import { maxTries } from './limits.ts'
import { errorText, outcomeOfElement } from './outcome-of.ts'
import type { Verdict } from './outcome.ts'
import type { Report } from './target.ts'

/** The set that elements go into: does all or tells why it could not, as a code of errno. */
export interface SetPort<E> {
  put(elements: readonly E[]): number
  remove(elements: readonly E[]): number
  /** Takes all out. */
  empty(): void
  /** Elements of one call. */
  readonly most: number
}

interface Filled<E> {
  readonly element: E
  readonly verdicts: Verdict[]
}

/** Gathers elements of one set and hands them over in few calls; one bad one never costs others. */
export class SetFiller<E> {
  private readonly added = new Map<string, Filled<E>>()
  private readonly removed = new Map<string, E>()
  private readonly port: SetPort<E>
  private triesLeft = 0

  constructor(port: SetPort<E>) {
    this.port = port
  }

  /** The same element of several connections is one. */
  add(key: string, element: E, verdict: Verdict): void {
    this.removed.delete(key)
    const there = this.added.get(key)
    if (there === undefined) this.added.set(key, { element, verdicts: [verdict] })
    else there.verdicts.push(verdict)
  }

  remove(key: string, element: E): void {
    if (!this.added.has(key)) this.removed.set(key, element)
  }

  /** Takes out whatever the set has. */
  empty(): void {
    this.port.empty()
  }

  flush(report: Report): void {
    this.triesLeft = maxTries
    const { most } = this.port
    if (this.removed.size > 0) {
      const gone = [...this.removed.values()]
      for (let from = 0; from < gone.length; from += most) {
        // What expired by itself in between makes the kernel refuse a call: then one by one.
        const part = gone.slice(from, from + most)
        if (this.port.remove(part) !== 0) for (const one of part) this.port.remove([one])
      }
      this.removed.clear()
    }
    if (this.added.size === 0) return
    const all = [...this.added.values()]
    this.added.clear()
    for (let from = 0; from < all.length; from += most) {
      this.put(all.slice(from, from + most), report)
    }
  }

  private put(part: readonly Filled<E>[], report: Report): void {
    let code = this.call(part)
    // A transaction that met another one is to be tried again (nfnetlink, EAGAIN).
    if (code === errno.EAGAIN || code === errno.EBUSY || code === errno.ENOBUFS) {
      code = this.call(part)
    }
    const isOfAll = code === 0 || code === errno.ENOENT || code === errno.EPERM
    if (isOfAll || part.length === 1 || this.triesLeft <= 0) {
      const outcome = outcomeOfElement(code)
      const detail = outcome === 'failed' ? errorText(code) : undefined
      for (const { verdicts } of part) for (const one of verdicts) report(one, outcome, detail)
      return
    }
    const middle = part.length >> 1
    this.put(part.slice(0, middle), report)
    this.put(part.slice(middle), report)
  }

  private call(part: readonly Filled<E>[]): number {
    this.triesLeft--
    return this.port.put(part.map(({ element }) => element))
  }
}
