import { open } from 'node:fs/promises'
import type { Stats } from 'node:fs'
import type { IdentityEvent } from '../../model/identity.ts'
import type { IdentityReader } from './reader.ts'
import { ReaderTotals } from './reader-totals.ts'

/** A file of this size holds more leases than any dnsmasq. */
const maxFileBytes = 64 << 20
/** A file that does not change is still heard of this often. */
const heardEveryUs = 5e6

export interface SnapshotOptions {
  readonly path: string
  readonly makeReader: () => IdentityReader
  /** Resolves once the statements are safe; rejects where they are not. */
  readonly store: (events: readonly IdentityEvent[], atUs: number) => Promise<void>
  readonly nowUs?: () => number
}

/** What tells one state of the file from another. */
function stateOf({ ino, size, mtimeMs }: Stats): string {
  return `${ino} ${size} ${mtimeMs}`
}

/** What a statement says of its holding, without when it was read and where it stands. */
function saying({ prefix, device, untilUs, user, kind }: IdentityEvent): string {
  return JSON.stringify([prefix, device, untilUs === Infinity ? 'for ever' : untilUs, user, kind])
}

/**
 * Follows a file that holds what is so now and nothing of what was (dnsmasq's leases): each state
 * is compared with the one before. What is new or says something else is stated; what is no longer
 * there has ended since the last look, or when its promise ran out.
 */
export class SnapshotFile {
  readonly counters = { truncated: 0, replaced: 0, notStored: 0 }
  readonly totals = new ReaderTotals()
  /** Why the file cannot be read; undefined where it can. */
  trouble: string | undefined
  private readonly options: SnapshotOptions
  private readonly nowUs: () => number
  /** The state seen at the last poll: one that is being written is not taken before it rests. */
  private seen = ''
  private taken = ''
  private known = new Map<string, IdentityEvent>()
  /** When the file was last seen to say what is known. */
  private sureUs = 0
  private storedUs = 0

  constructor(options: SnapshotOptions) {
    this.options = options
    this.nowUs = options.nowUs ?? (() => Date.now() * 1000)
  }

  /** Looks once; to be called again and again, not twice at once. */
  async poll(): Promise<void> {
    const nowUs = this.nowUs()
    const found = await this.read()
    if (found === undefined) return
    const rests = found.state === this.seen
    this.seen = found.state
    if (found.state === this.taken) {
      this.sureUs = nowUs
      if (nowUs - this.storedUs >= heardEveryUs) await this.tell([], nowUs)
      return
    }
    if (found.content === undefined || !rests) return
    const next = this.parse(found.content)
    if (next === undefined) return
    if (!(await this.tell(this.changes(next, nowUs), nowUs))) return
    this.known = next
    this.taken = found.state
    this.sureUs = nowUs
  }

  async close(): Promise<void> {
    // Nothing is held between polls.
  }

  /** The file's state, and its content where the state is one that rests and is not known yet. */
  private async read(): Promise<{ state: string; content?: Buffer } | undefined> {
    try {
      const file = await open(this.options.path, 'r')
      try {
        const before = await file.stat()
        const state = stateOf(before)
        this.trouble = undefined
        if (state === this.taken || state !== this.seen) return { state }
        if (before.size > maxFileBytes) {
          this.trouble = `it is longer than ${maxFileBytes} octets`
          return undefined
        }
        const content = await file.readFile()
        // Written while it was read: the next poll sees it in its new state.
        return stateOf(await file.stat()) === state ? { state, content } : { state: '' }
      } finally {
        await file.close()
      }
    } catch (error) {
      this.trouble = (error as Error).message
      return undefined
    }
  }

  /** @returns what the file says, by key; undefined where its end is missing */
  private parse(content: Buffer): Map<string, IdentityEvent> | undefined {
    if (content.length > 0 && content.at(-1) !== 0x0a) return undefined
    const reader = this.options.makeReader()
    reader.push(content)
    reader.end()
    this.totals.leave(reader)
    return new Map(reader.take().map((event) => [event.key, event]))
  }

  private changes(next: ReadonlyMap<string, IdentityEvent>, nowUs: number): IdentityEvent[] {
    const events: IdentityEvent[] = []
    for (const [key, event] of this.known) {
      if (next.has(key)) continue
      const { startUs: _, ...rest } = event
      const atUs = Math.min(nowUs, event.untilUs ?? Infinity)
      events.push({ ...rest, what: 'end', atUs, sureUs: Math.min(this.sureUs, atUs) })
    }
    for (const [key, event] of next) {
      const before = this.known.get(key)
      if (before === undefined || saying(before) !== saying(event)) events.push(event)
    }
    return events
  }

  private async tell(events: readonly IdentityEvent[], nowUs: number): Promise<boolean> {
    try {
      await this.options.store(events, nowUs)
      this.storedUs = nowUs
      return true
    } catch {
      this.counters.notStored++
      return false
    }
  }
}
