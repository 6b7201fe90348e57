import { endsIn } from '../../model/ended-flows.ts'
import type { EndedMessage } from '../../model/ended-flows.ts'

/** The kernel gathers packets for 20 ms before it hands them over; as long again and more, us. */
const gatherUs = 50_000

/** Connections whose end waits at most; above it the oldest wait for no packets any more. */
export const maxHeldEnds = 1 << 18

/**
 * Ends of connections that wait until the packets of before them were taken. The kernel tells of
 * ends and of packets on two ways, and who is behind with packets would otherwise hear of an end
 * first, and then follow a connection that is over until it has been silent for long enough.
 */
export class HeldEnds {
  private readonly waiting: { readonly message: EndedMessage; readonly atUs: number }[] = []
  private size = 0

  /** @param nowUs when the message came, by the monotonic clock */
  add(message: EndedMessage, nowUs: number): void {
    this.waiting.push({ message, atUs: nowUs })
    this.size += endsIn(message)
  }

  /**
   * Gives, and forgets, what waits no longer.
   *
   * @param nowUs by the monotonic clock
   * @param isDrained all packets that had come were taken
   */
  *due(nowUs: number, isDrained: boolean): Generator<EndedMessage> {
    for (;;) {
      const [first] = this.waiting
      if (first === undefined) return
      const isTaken = isDrained && first.atUs <= nowUs - gatherUs
      if (!isTaken && this.size <= maxHeldEnds) return
      this.waiting.shift()
      this.size -= endsIn(first.message)
      yield first.message
    }
  }
}
