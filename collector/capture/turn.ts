/** How long packets are taken at a time, however many still wait (ms). */
const turnMs = 4
/**
 * Naps are short while much comes, so that it is still in the processor's cache, and longer while
 * little does: waking up costs more than a packet. The kernel holds packets back for longer itself.
 */
const [busyNapMs, quietNapMs] = [4, 16]
/** Packets after one nap: fewer are little, and as many are much. */
const [quietPackets, busyPackets] = [64, 512]

/**
 * What is done between packets.
 *
 * @param nowUs us since 1970
 * @param isDrained all that had come was taken; otherwise more waits
 */
export type Idle = (nowUs: number, isDrained: boolean) => void

/**
 * The turns of a source of packets in its thread: messages, timers and expiry come in between, by
 * time and not by count, since the first packets of a process cost many times what later ones do.
 */
export class Turn {
  private readonly idle: Idle
  private endsAt = performance.now() + turnMs
  private napMs = busyNapMs

  /** @param idle is called before others have their turn */
  constructor(idle: Idle) {
    this.idle = idle
  }

  isOver(): boolean {
    return performance.now() >= this.endsAt
  }

  /** Lets others have their turn while more waits. */
  async pass(): Promise<void> {
    this.idle(Date.now() * 1000, false)
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
    this.endsAt = performance.now() + turnMs
  }

  /**
   * Waits for more.
   *
   * @param packets how many came since the last nap
   */
  async nap(packets: number): Promise<void> {
    this.idle(Date.now() * 1000, true)
    if (packets < quietPackets) this.napMs = Math.min(quietNapMs, 2 * this.napMs)
    else if (packets >= busyPackets) this.napMs = busyNapMs
    await new Promise((resolve) => {
      setTimeout(resolve, this.napMs)
    })
    this.endsAt = performance.now() + turnMs
  }
}
