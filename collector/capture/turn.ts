/** How long packets are taken at a time, however many still wait (ms). */
const turnMs = 4
const napMs = 4

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

  /** Waits for more. */
  async nap(): Promise<void> {
    this.idle(Date.now() * 1000, true)
    await new Promise((resolve) => {
      setTimeout(resolve, napMs)
    })
    this.endsAt = performance.now() + turnMs
  }
}
