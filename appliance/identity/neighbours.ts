/** This host's neighbour table: collector/identity's follower handed its sink. */
import { NeighbourFollower } from '../../collector/identity/neighbours.ts'
import { countOf, heardEveryMs } from './live.ts'
import type { LiveSource, LiveStatus } from './live.ts'
import type { IdentitySink } from './sink.ts'
import type { IdentityEvent } from '../../model/identity.ts'
import type { NeighbourSource } from '../../model/identity-sources.ts'
import type { Log } from '../../model/log.ts'

const pollMs = 250
const writeMs = 2000
/** Statements that wait for the database; above it they are dropped and the table is read anew. */
const maxWaiting = 50_000

/** @throws FlowledgerError `permission-missing` where it may not be followed */
export function followNeighbours(
  config: NeighbourSource,
  sink: IdentitySink,
  host: string,
  log: Log
): LiveSource {
  const { interfaces } = config
  const names = interfaces === undefined ? {} : { interfaces }
  const follower = new NeighbourFollower({ record: host, ...names })
  const gatherer = new Gatherer(follower, sink, log)
  const where = interfaces === undefined ? '' : ` on ${interfaces.join(', ')}`
  return {
    sink,
    sentence: `Following this host's neighbours (ARP, ND)${where} as source "${sink.name}".`,
    status: () => gatherer.status(),
    reload() {},
    stop: () => gatherer.stop(),
  }
}

/** Takes statements at short naps and writes them a few seconds' worth at a time. */
class Gatherer {
  private readonly follower: NeighbourFollower
  private readonly sink: IdentitySink
  private readonly log: Log
  private readonly timer: NodeJS.Timeout
  private waiting: IdentityEvent[] = []
  private writing: Promise<void> | undefined
  private writtenMs = 0
  private trouble: string | undefined

  constructor(follower: NeighbourFollower, sink: IdentitySink, log: Log) {
    this.follower = follower
    this.sink = sink
    this.log = log
    this.timer = setInterval(() => this.poll(), pollMs)
    this.poll()
  }

  status(): LiveStatus {
    const { counters, table, malformed, socket } = this.follower
    return {
      read: counters.messages,
      unknown: 0,
      refused: { ...table.refused, ...malformed, truncated: socket.truncated },
      trouble: this.trouble,
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.timer)
    await this.writing
    if (this.trouble === undefined) this.waiting.push(...this.follower.close())
    await this.write()
  }

  private poll(): void {
    try {
      this.waiting.push(...this.follower.poll())
    } catch (error) {
      clearInterval(this.timer)
      this.trouble = error instanceof Error ? error.message : String(error)
      this.log.error(`The neighbour table is not followed any more: ${this.trouble}`)
    }
    if (this.waiting.length > maxWaiting) {
      this.waiting = []
      this.follower.startOver('database-away', this.sink.heardUs)
    }
    const pause = this.waiting.length > 0 ? writeMs : heardEveryMs
    if (Date.now() - this.writtenMs >= pause) this.writing ??= this.write()
  }

  private async write(): Promise<void> {
    const events = this.waiting
    this.waiting = []
    this.writtenMs = Date.now()
    // What is no host's entry is no refusal that anybody has to look into.
    const count = { ...countOf(this.status()), refused: 0 }
    const gaps = this.follower.takeGaps()
    try {
      await this.sink.writeWhatGoes(events, this.writtenMs * 1000, count, gaps)
    } catch {
      this.waiting = [...events, ...this.waiting]
      this.follower.gaps.push(...gaps)
    }
    this.writing = undefined
  }
}
