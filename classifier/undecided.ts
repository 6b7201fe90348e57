import type { Conversation } from './conversation.ts'
import type { Flow } from './flow.ts'
import { maxUndecided, maxUndecidedBytes } from './limits.ts'

/**
 * The flows of which something was said and nothing is decided, in the order in which they began:
 * the only ones whose octets are kept. Whoever opens many connections and says just too little in
 * each must not fill the memory: where they are too many, the oldest are decided by what there is.
 */
export class Undecided {
  /** Flows that had to be decided early. */
  hurried = 0
  private readonly flows = new Set<Flow>()
  private octets = 0
  private readonly hurry: (flow: Flow) => void

  /** @param hurry decides a flow now, and so calls {@link decided} */
  constructor(hurry: (flow: Flow) => void) {
    this.hurry = hurry
  }

  /** Notes what is kept of a flow after a packet. */
  kept(flow: Flow, conversation: Conversation): void {
    const before = conversation.counted
    if (before < 0) this.flows.add(flow)
    conversation.counted = conversation.keptBytes
    this.octets += conversation.counted - Math.max(before, 0)
    while (this.flows.size > maxUndecided || this.octets > maxUndecidedBytes) {
      const [oldest] = this.flows
      if (oldest === undefined) return
      this.hurried++
      this.hurry(oldest)
    }
  }

  /** Forgets a flow that is decided. */
  decided(flow: Flow, conversation: Conversation): void {
    if (conversation.counted < 0) return
    this.flows.delete(flow)
    this.octets -= conversation.counted
    conversation.counted = -1
  }
}
