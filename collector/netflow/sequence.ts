/** What a message's sequence number said. */
export type SequenceVerdict = 'first' | 'next' | 'ahead' | 'late' | 'duplicate' | 'restart'

/** Units that were passed over and may still come: [from, from + units). */
interface Missing {
  from: number
  units: number
  /** Between which instants of the exporter they were sent (us). */
  readonly afterUs: number
  readonly beforeUs: number
}

/** Units that are lost, and between which instants of the exporter they were sent (us). */
export interface Lost {
  readonly units: number
  readonly afterUs: number
  readonly beforeUs: number
}

/** Gaps that may still be filled by what was overtaken on the way. */
const patience = 32
/** Further back than this is no message that was overtaken. */
const farBack = 1 << 16
/** Further ahead than this is no loss that can be told. */
const farAhead = 1 << 30
/** So many messages have to follow one another before their numbers are believed to count. */
const countingAfter = 8
/** Who begins to number anew has sent no more than this when he is heard again. */
const freshUnits = 1 << 16

/**
 * Follows the sequence numbers of one exporter and domain, which count flows (v5), messages (v9) or
 * data records (IPFIX) modulo 2^32. Messages may overtake each other: what was passed over counts
 * as lost only when {@link patience} other gaps came after it, or when it is asked to settle.
 */
export class SequenceTracker {
  /** Units that are lost for good. */
  lost = 0
  late = 0
  duplicates = 0
  restarts = 0
  private expected = -1
  private last = -1
  private lastUs = 0
  private uncertain = false
  private inOrder = 0
  private readonly missing: Missing[] = []

  /** The number that the next message should have; -1: any. */
  get next(): number {
    return this.expected
  }

  /** The number of the last message that was not late; -1: none. */
  get newest(): number {
    return this.last
  }

  /**
   * The instant of the exporter (us) after which something is missing that may still come, and that
   * nobody was told of; Infinity: nothing is.
   */
  get missingAfterUs(): number {
    return this.missing[0]?.afterUs ?? Infinity
  }

  /** As {@link next}, before what is missing and nobody was told of: an end now makes it a loss. */
  get nextUntold(): number {
    return this.missing[0]?.from ?? this.expected
  }

  /**
   * True where numbers were seen to count, message by message, and none came that counted
   * otherwise: a number that comes again is then a message that comes again.
   */
  get isCounting(): boolean {
    return this.inOrder >= countingAfter
  }

  /** Goes on where an earlier run of the program ended. */
  resume(expected: number, last: number, lastUs: number): void {
    this.expected = expected
    this.last = last
    this.lastUs = lastUs
  }

  /**
   * True where a message was sent later than the last one and has a low number, below that one's:
   * numbering began anew. What was overtaken or doubled on the way was sent earlier, and who counts
   * other things than he should goes on upwards all the same.
   */
  beganAnew(sequence: number, atUs: number): boolean {
    if (this.last < 0 || atUs <= this.lastUs || sequence >= freshUnits) return false
    const ahead = (sequence - this.last) | 0
    return (ahead < 0 || ahead > farAhead) && sequence !== this.expected
  }

  /** Begins anew, as after a restart of the exporter. */
  reset(): void {
    this.inOrder = 0
    this.expected = -1
    this.last = -1
    this.uncertain = false
  }

  /**
   * Takes a message.
   *
   * @param units how far the message moves the sequence; undefined where nobody can tell, since a
   *   template is missing
   * @param lose called with what is lost for good
   */
  take(
    sequence: number,
    units: number | undefined,
    atUs: number,
    lose: (lost: Lost) => void
  ): SequenceVerdict {
    const verdict = this.judge(sequence, units ?? 0, atUs, lose)
    if (verdict === 'next') this.inOrder++
    else if (verdict === 'duplicate' || verdict === 'restart') this.inOrder = 0
    if (verdict === 'late' || verdict === 'duplicate') return verdict
    this.expected = (sequence + (units ?? 0)) >>> 0
    this.last = sequence
    this.uncertain = units === undefined
    this.lastUs = Math.max(this.lastUs, atUs)
    return verdict
  }

  /** Gives up what was passed over before an instant of the exporter. */
  settle(beforeUs: number, lose: (lost: Lost) => void): void {
    for (let gap = this.missing[0]; gap !== undefined; gap = this.missing[0]) {
      if (gap.beforeUs > beforeUs) return
      this.giveUp(lose)
    }
  }

  private judge(
    sequence: number,
    units: number,
    atUs: number,
    lose: (lost: Lost) => void
  ): SequenceVerdict {
    if (this.expected < 0) return 'first'
    const ahead = (sequence - this.expected) | 0
    if (ahead === 0) return 'next'
    if (this.uncertain) return 'ahead'
    if (ahead > 0) {
      if (ahead > farAhead) return this.restart()
      const gap = { from: this.expected, units: ahead, afterUs: this.lastUs, beforeUs: atUs }
      this.missing.push(gap)
      if (this.missing.length > patience) this.giveUp(lose)
      return 'ahead'
    }
    if (this.fill(sequence, units)) {
      this.late++
      return 'late'
    }
    if (ahead < -farBack || (sequence < 1000 && ahead < -1000)) return this.restart()
    this.duplicates++
    return 'duplicate'
  }

  private restart(): SequenceVerdict {
    this.restarts++
    return 'restart'
  }

  /** Takes [sequence, sequence + units) out of what is missing; false where it was not. */
  private fill(sequence: number, units: number): boolean {
    const index = this.missing.findIndex(
      ({ from, units: length }) => (sequence - from) >>> 0 < length
    )
    const gap = this.missing[index]
    if (gap === undefined) return false
    const before = (sequence - gap.from) >>> 0
    const after = gap.units - before - units
    const rest: Missing[] = []
    if (before > 0) rest.push({ ...gap, units: before })
    if (after > 0) rest.push({ ...gap, from: (sequence + units) >>> 0, units: after })
    this.missing.splice(index, 1, ...rest)
    return true
  }

  private giveUp(lose: (lost: Lost) => void): void {
    const gap = this.missing.shift()
    if (gap === undefined) return
    this.lost += gap.units
    lose({ units: gap.units, afterUs: gap.afterUs, beforeUs: gap.beforeUs })
  }
}
