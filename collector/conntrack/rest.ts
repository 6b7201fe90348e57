/**
 * How the follower waits. A nap after the queue was found (nearly) empty: reading in bigger batches
 * costs far less. It must not outlast the buffer, so a small one means short naps: a message takes
 * about 1.3 kB of it, and half a million a second is more than this has been seen to do.
 */
const longestNapMs = 20
const bufferBytesPerMs = 650_000

export class Rest {
  /** Ends the nap under way. */
  wake: () => void = () => {}
  private readonly ms: number

  /** @param bufferBytes what the kernel holds for us while we sleep */
  constructor(bufferBytes: number) {
    this.ms = Math.min(longestNapMs, Math.max(1, Math.floor(bufferBytes / bufferBytesPerMs)))
  }

  nap(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.ms)
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
