import { errno } from '../netlink/libc.ts'
import { MessageWriter } from '../netlink/message-writer.ts'
import { maxRequestBytes } from '../netlink/netfilter-requests.ts'
import type { NetfilterRequests } from '../netlink/netfilter-requests.ts'
import { errorText, outcomeOfEntry } from './outcome-of.ts'
import type { Verdict } from './outcome.ts'
import type { Report } from './target.ts'

/** Writes what is asked of the entry of one verdict. */
export type WriteChange = (writer: MessageWriter, sequence: number, verdict: Verdict) => void

/** How often a change that the kernel was too busy for is tried. */
const tries = 3

/** Changes to conntrack entries, gathered and done with few calls. */
export class EntryChanges {
  private waiting: { readonly verdict: Verdict; readonly write: WriteChange }[] = []
  private readonly writer = new MessageWriter()
  private readonly requests: () => NetfilterRequests

  constructor(requests: () => NetfilterRequests) {
    this.requests = requests
  }

  add(verdict: Verdict, write: WriteChange): void {
    this.waiting.push({ verdict, write })
  }

  flush(report: Report): void {
    let { waiting } = this
    this.waiting = []
    for (let round = 1; waiting.length > 0; round++) {
      const isLast = round === tries
      waiting = this.round(waiting, report, isLast)
    }
  }

  /** Does all; gives those that the kernel was too busy for. */
  private round(
    waiting: typeof this.waiting,
    report: Report,
    isLast: boolean
  ): typeof this.waiting {
    const requests = this.requests()
    const again: typeof this.waiting = []
    let sent: { readonly sequence: number; readonly item: (typeof waiting)[number] }[] = []
    const send = (): void => {
      const { errors, isIncomplete } = requests.send(this.writer)
      for (const { sequence, item } of sent) {
        const code = errors.get(sequence) ?? (isIncomplete ? errno.ENOBUFS : 0)
        const isBusy = code === errno.EBUSY || code === errno.EAGAIN || code === errno.ENOBUFS
        if (isBusy && !isLast) again.push(item)
        else {
          const outcome = outcomeOfEntry(code)
          report(item.verdict, outcome, outcome === 'failed' ? errorText(code) : undefined)
        }
      }
      sent = []
    }
    for (const item of waiting) {
      const sequence = requests.next()
      item.write(this.writer, sequence, item.verdict)
      sent.push({ sequence, item })
      if (this.writer.length > maxRequestBytes) send()
    }
    if (sent.length > 0) send()
    return again
  }
}
