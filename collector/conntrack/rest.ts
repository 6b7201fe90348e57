/**
 * How the follower waits. It naps whenever the queue was found (nearly) empty, since reading in
 * bigger batches costs far less: shortly while much happens, so that messages are still in the
 * processor's cache when they are read, and longer and longer while little does. A nap must not
 * outlast the buffer: a message takes about 1.3 kB of it, and half a million a second is more than
 * this has been seen to do. So a small buffer means short naps.
 */
export const busyNapMs = 4
const quietNapMs = 100
/** The longest nap while what comes is neither little nor much. */
const steadyNapMs = 32
const bufferBytesPerMs = 650_000
/** Fewer messages than this are quiet. */
const quietMessages = 64

export class Rest {
  /** Ends the nap under way. */
  wake: () => void = () => {}
  private readonly longestMs: number
  private readonly busyMs: number
  private readonly busyMessages: number
  private ms: number

  /**
   * @param bufferBytes what the kernel holds for us while we sleep
   * @param busyMs how long a nap is while much happens
   * @param busyMessages so many after one nap are much
   */
  constructor(bufferBytes: number, busyMs = busyNapMs, busyMessages = quietMessages) {
    this.busyMs = busyMs
    this.busyMessages = busyMessages
    this.ms = busyMs
    this.longestMs = Math.max(1, Math.floor(bufferBytes / bufferBytesPerMs))
  }

  /** @param messages how many came of late: since the last nap, or with the last read */
  nap(messages: number): Promise<void> {
    if (messages < quietMessages) this.ms = Math.min(quietNapMs, 2 * this.ms)
    else if (messages >= this.busyMessages) this.ms = this.busyMs
    else this.ms = Math.min(steadyNapMs, this.ms)
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.min(this.ms, this.longestMs))
      this.wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

/** Lets messages and file operations have their turn. */
export function immediate(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
