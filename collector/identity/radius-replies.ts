/** How long a sender may send the same packet again (us); NASes give up well before. */
const keepUs = 60e6
/** Answers that are kept; the oldest go first. */
const maxReplies = 65_536

interface Reply {
  readonly atUs: number
  readonly response: Buffer | 'waiting'
}

/**
 * What was answered to whom a short while ago (RFC 5080 §2.2.2): a packet that is sent again, same
 * sender, identifier and authenticator, gets the same answer and is not recorded twice.
 */
export class RadiusReplies {
  private readonly replies = new Map<string, Reply>()

  find(key: string, nowUs: number): Buffer | 'waiting' | undefined {
    const reply = this.replies.get(key)
    if (reply === undefined) return undefined
    if (reply.response === 'waiting' || nowUs - reply.atUs <= keepUs) return reply.response
    this.replies.delete(key)
    return undefined
  }

  /** Remembers a packet that is being recorded. */
  wait(key: string, nowUs: number): void {
    this.put(key, { atUs: nowUs, response: 'waiting' })
  }

  keep(key: string, response: Buffer, nowUs: number): void {
    this.put(key, { atUs: nowUs, response })
  }

  /** The packet was not recorded: when it is sent again it is a new one. */
  forget(key: string): void {
    this.replies.delete(key)
  }

  private put(key: string, reply: Reply): void {
    // Deleted first, so that the order of the map is that of time.
    this.replies.delete(key)
    this.replies.set(key, reply)
    for (const [oldest, { atUs, response }] of this.replies) {
      if (response === 'waiting') break
      if (this.replies.size <= maxReplies && reply.atUs - atUs <= keepUs) break
      this.replies.delete(oldest)
    }
  }
}
