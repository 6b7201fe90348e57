/** What stands between a live source of identities and the store: progress, failures, bad ones. */
import { FlowledgerError } from '../../model/errors.ts'
import type { IdentityEvent } from '../../model/identity.ts'
import type { Log } from '../../model/log.ts'
import type { IdentityProgress, IdentityWriter } from '../../store/identity-writer.ts'

/** A failing database is reported this often, not at each try. */
const sameErrorMs = 30_000
/** Writes in which a statement that the database refuses is looked for. */
const maxSearch = 64

/** Times in which a source was not heard. */
export type Gaps = NonNullable<IdentityProgress['gaps']>

/** What a source has read so far, as the store keeps it. */
export interface SourceCount {
  readonly read: number
  readonly unknown: number
  readonly refused: number
}

export interface SinkOptions {
  /** Whether what is said while the database is away is lost, as far as anybody can tell. */
  readonly loses?: boolean
  /** When the source was not heard before it was started now: it stands in the store alone. */
  readonly gapsBefore?: () => Promise<Gaps>
}

/** Writes what one source states. */
export class IdentitySink {
  readonly name: string
  /** Statements that are safe, and those that the database refused one by one. */
  readonly counters = { stored: 0, refused: 0 }
  /** When the source was last heard (us since 1970), as far as that is stored. */
  heardUs = 0
  private readonly loses: boolean
  private failedUs: number | undefined
  private readonly writer: IdentityWriter
  private readonly log: Log
  private gapsBefore: (() => Promise<Gaps>) | undefined
  private told: SourceCount = { read: 0, unknown: 0, refused: 0 }
  private before: Promise<void> = Promise.resolve()
  private lastError = ''
  private saidAt = 0

  constructor(
    writer: IdentityWriter,
    name: string,
    log: Log,
    { loses = false, gapsBefore }: SinkOptions = {}
  ) {
    this.gapsBefore = gapsBefore
    this.writer = writer
    this.name = name
    this.log = log
    this.loses = loses
  }

  /**
   * Stores statements and how far the source is; resolves once they are safe.
   *
   * @throws what the store throws: nothing of it, or all but this, is then to be sent again
   */
  write(
    events: readonly IdentityEvent[],
    atUs: number,
    count: SourceCount,
    gaps: Gaps = []
  ): Promise<void> {
    // One after the other: each tells what was counted since the one before.
    const written = this.before.then(() => this.send(events, atUs, count, gaps))
    this.before = written.catch(() => {
      // Whoever asked for it is told.
    })
    return written
  }

  private async send(
    events: readonly IdentityEvent[],
    atUs: number,
    count: SourceCount,
    gaps: Gaps
  ): Promise<void> {
    const { told } = this
    const counters = {
      read: count.read - told.read,
      unknown: count.unknown - told.unknown,
      refused: count.refused - told.refused,
    }
    const { failedUs } = this
    const lost =
      this.loses && failedUs !== undefined
        ? [{ fromUs: failedUs, toUs: atUs, reason: 'database-away' }]
        : []
    try {
      const before = (await this.gapsBefore?.()) ?? []
      await this.writer.write(events, { atUs, counters, gaps: [...before, ...gaps, ...lost] })
      this.gapsBefore = undefined
      this.counters.stored += events.length
      this.told = count
      this.heardUs = atUs
      this.failedUs = undefined
    } catch (error) {
      this.failedUs ??= atUs
      this.report(error)
      throw error
    }
  }

  /**
   * As {@link write}; a statement that the database refuses by itself, while it takes others, is
   * counted and left out, so that it never holds up the next one.
   */
  async writeWhatGoes(
    events: readonly IdentityEvent[],
    atUs: number,
    count: SourceCount,
    gaps: Gaps = []
  ): Promise<void> {
    try {
      await this.write(events, atUs, count, gaps)
    } catch (error) {
      if (events.length < 2 || !isRefusal(error)) throw error
      const search = { left: maxSearch, stored: 0, refused: 0 }
      await this.halves(events, atUs, count, search)
      if (search.stored === 0 || search.left <= 0) throw error
      this.counters.refused += search.refused
      this.log.warn(`${search.refused} statements of "${this.name}" were refused by the database.`)
    }
  }

  private async halves(
    events: readonly IdentityEvent[],
    atUs: number,
    count: SourceCount,
    search: { left: number; stored: number; refused: number }
  ): Promise<void> {
    const middle = Math.ceil(events.length / 2)
    for (const half of [events.slice(0, middle), events.slice(middle)]) {
      if (half.length === 0 || search.left-- <= 0) continue
      try {
        await this.write(half, atUs, count)
        search.stored += half.length
      } catch (error) {
        if (!isRefusal(error)) throw error
        if (half.length === 1) search.refused++
        else await this.halves(half, atUs, count, search)
      }
    }
  }

  private report(error: unknown): void {
    const sentence = error instanceof FlowledgerError ? error.sentence : String(error)
    if (sentence === this.lastError && Date.now() - this.saidAt < sameErrorMs) return
    this.lastError = sentence
    this.saidAt = Date.now()
    this.log.error(`What "${this.name}" says waits, it cannot be written: ${sentence}`)
  }
}

/** The database is there and does not want this. */
function isRefusal(error: unknown): boolean {
  return error instanceof FlowledgerError && error.code === 'database-failed'
}
