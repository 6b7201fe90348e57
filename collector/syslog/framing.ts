/** Octets of one message; a longer one is passed over. */
export const maxMessageBytes = 8192

/**
 * Cuts a stream of syslog into messages (RFC 6587): by a count of octets before each, or by line
 * feeds. A sender keeps to one of the two, but each message is looked at by itself.
 *
 * ```
 * octet counting   MSG-LEN SP MSG      MSG-LEN: decimal, no leading zero
 * non-transparent  MSG LF              a zero octet ends a message too
 * ```
 */
export class SyslogFramer {
  /** Messages that were too long. */
  tooLong = 0
  #rest: Buffer = Buffer.alloc(0)
  /** Octets of a message that is too long, which are still to come; -1: up to its line feed. */
  #skipping = 0

  /** Takes octets as they come; `onMessage` gets each message, one octet a character. */
  push(chunk: Buffer, onMessage: (message: string) => void): void {
    let data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    for (;;) {
      const used = this.#skipping === 0 ? this.#take(data, onMessage) : this.#skip(data)
      if (used === 0) break
      data = data.subarray(used)
    }
    this.#rest = Buffer.from(data)
  }

  /** The stream has ended: what is left without its line feed is a message, if it can be one. */
  end(onMessage: (message: string) => void): void {
    if (this.#skipping === 0 && this.#rest.length > 0 && countAt(this.#rest) === undefined) {
      onMessage(this.#rest.toString('latin1'))
    }
    this.#rest = Buffer.alloc(0)
  }

  /** @returns octets that were used; 0 where more must come first */
  #take(data: Buffer, onMessage: (message: string) => void): number {
    const count = countAt(data)
    if (count === 'incomplete') return 0
    if (count !== undefined) return this.#takeCounted(data, count, onMessage)
    const end = lineEnd(data)
    if (end < 0) {
      if (data.length <= maxMessageBytes) return 0
      this.tooLong++
      this.#skipping = -1
      return data.length
    }
    if (end > maxMessageBytes) this.tooLong++
    else if (end > 0) onMessage(data.toString('latin1', 0, end))
    return end + 1
  }

  #takeCounted(
    data: Buffer,
    { start, length }: Count,
    onMessage: (message: string) => void
  ): number {
    if (length > maxMessageBytes) {
      this.tooLong++
      this.#skipping = length
      return start
    }
    if (data.length < start + length) return 0
    if (length > 0) onMessage(withoutFeed(data.toString('latin1', start, start + length)))
    return start + length
  }

  #skip(data: Buffer): number {
    if (this.#skipping > 0) {
      const skipped = Math.min(this.#skipping, data.length)
      this.#skipping -= skipped
      return skipped
    }
    const end = lineEnd(data)
    if (end < 0) return data.length
    this.#skipping = 0
    return end + 1
  }
}

interface Count {
  readonly start: number
  readonly length: number
}

/** A count and the blank behind it, where a message begins by octet counting. */
function countAt(data: Buffer): Count | 'incomplete' | undefined {
  let length = 0
  for (let at = 0; at < 10; at++) {
    const code = data[at]
    if (code === undefined) return at === 0 || isDigit(data[0]) ? 'incomplete' : undefined
    if (code === 32 && at > 0) {
      // A count is followed by the `<` of the priority; text that begins with a number is not.
      const next = data[at + 1]
      if (next === undefined) return 'incomplete'
      return next === 60 ? { start: at + 1, length } : undefined
    }
    if (!isDigit(code) || (at === 0 && code === 48)) return undefined
    length = length * 10 + code - 48
  }
  return undefined
}

const isDigit = (code: number | undefined): boolean =>
  code !== undefined && code >= 48 && code <= 57

function lineEnd(data: Buffer): number {
  const feed = data.indexOf(10)
  const zero = data.indexOf(0)
  if (feed < 0) return zero
  return zero < 0 ? feed : Math.min(feed, zero)
}

function withoutFeed(message: string): string {
  return message.endsWith('\n') ? message.slice(0, -1) : message
}

/** The messages of a datagram (RFC 5426 has one; some gateways pack several, a line each). */
export function eachLine(datagram: Buffer, onMessage: (message: string) => void): number {
  let tooLong = 0
  let from = 0
  while (from < datagram.length) {
    let end = datagram.indexOf(10, from)
    if (end < 0) end = datagram.length
    let to = end
    while (to > from && (datagram[to - 1] === 13 || datagram[to - 1] === 0)) to--
    if (to - from > maxMessageBytes) tooLong++
    else if (to > from) onMessage(datagram.toString('latin1', from, to))
    from = end + 1
  }
  return tooLong
}
