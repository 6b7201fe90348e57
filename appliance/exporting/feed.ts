import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { ExportSource } from './source.ts'
import { ExportStateFile } from './state.ts'
import type { ExportState } from './state.ts'
import type { ExportSpool, TargetStatus } from './messages.ts'
import { Target } from '../../exporter/target.ts'
import type { TargetHost } from '../../exporter/target.ts'
import { TargetLost } from '../../exporter/transport.ts'
import type { ExportTarget } from '../../model/export-targets.ts'
import { whatIsLeftOut } from '../../exporter/what-is-left-out.ts'
import { readerMemory } from '../../store/spool-reader.ts'

export interface FeedOptions {
  readonly spools: readonly ExportSpool[]
  readonly stateDir: string
  readonly host: TargetHost
  readonly log: (level: 'info' | 'warn', text: string) => void
}

/** Frames that are told before others have their turn. */
const framesAtOnce = 16
/** How long a quiet spool is left alone. */
const restMs = 200
/** How often what was told is made sure and remembered. */
const checkpointUs = 1e6
/** How often that goes to disk (ms). */
const keepMs = 1000
const firstRetryMs = 1000
const lastRetryMs = 30_000
/** The same trouble is told again after so long. */
const sameTroubleMs = 600_000

/** A place up to which everything was handed over when `bytes` octets had been made. */
interface Checkpoint extends ExportState {
  readonly bytes: number
  readonly atUs: number
}

const nowUs = (): number => Date.now() * 1000

/**
 * Tells one target what spools hold, at the target's own speed: the spool is its queue. A target
 * that is away costs nobody anything; when it is back it goes on from the last place that was sure.
 */
export class ExportFeed {
  private readonly target: Target
  private readonly sources: readonly ExportSource[]
  private readonly file: ExportStateFile
  private readonly log: FeedOptions['log']
  private checkpoints: Checkpoint[]
  private checkedAtUs = 0
  private keptAtMs = -Infinity
  private tooOld = 0
  private failure: string | undefined
  private saidAtMs = 0
  private saidText = ''
  private retryMs = firstRetryMs
  private readonly stopping = new AbortController()

  constructor(config: ExportTarget, { spools, stateDir, host, log }: FeedOptions) {
    this.file = new ExportStateFile(stateDir, config.name)
    this.log = log
    const kept = this.file.read()
    const columns = spools.map(({ extras }) => extras)
    const memory = readerMemory(columns, Target.bytes(config))
    this.target = new Target(config, host, kept?.sequence ?? 0, { memory })
    const withOpen = config.records !== 'flows'
    this.sources = spools.map(
      (spool) => new ExportSource(spool, kept?.positions[spool.id], withOpen, memory)
    )
    this.checkpoints = [{ ...this.state(), bytes: 0, atUs: 0 }]
    for (const sentence of whatIsLeftOut(config)) log('warn', `Export to ${sentence}`)
  }

  /** Runs until {@link stop}; whatever the target does, it is tried again. */
  async run(): Promise<void> {
    // Where a new target begins: whatever ends this run, the next one goes on from there.
    await this.keep()
    while (!this.stopping.signal.aborted) {
      try {
        if (!this.target.isOpen) await this.open()
        const more = await this.pass()
        await (more ? nextTurn() : this.rest(restMs))
      } catch (error) {
        await this.lost(error)
      }
    }
    await this.finish()
  }

  /** Ends after what stands in the spools was told, or cannot be. */
  stop(): void {
    this.stopping.abort()
  }

  status(): TargetStatus {
    const { target, sources } = this
    const { name, protocol, transport } = target.config
    const sum = (of: (source: ExportSource) => number): number =>
      sources.reduce((total, source) => total + of(source), 0)
    const read = Math.min(...sources.map((source) => source.watermarkUs || nowUs()))
    return {
      name,
      protocol,
      transport,
      open: target.isOpen,
      failure: this.failure,
      counters: { ...target.counters, unsent: { ...target.counters.unsent } },
      losses: { ...target.losses },
      notSent: { ...target.notSent },
      sessions: target.sessions,
      behindSeconds: Math.max(0, (nowUs() - read) / 1e6),
      tooOld: this.tooOld,
      damagedRows: sum((source) => source.damagedRows),
      missedSegments: sum((source) => source.missedSegments),
    }
  }

  private async open(): Promise<void> {
    await this.target.open(nowUs())
    this.rewind()
    this.retryMs = firstRetryMs
    if (this.failure !== undefined) this.log('info', `Export to ${this.name} goes on.`)
    this.failure = undefined
    this.saidText = ''
  }

  private get name(): string {
    return this.target.config.name
  }

  /** Tells what waits, a little of each spool; true where there is more. */
  private async pass(): Promise<boolean> {
    let more = false
    for (const source of this.sources) {
      for (let frames = 0; frames < framesAtOnce; frames++) {
        const frame = source.next()
        if (frame === undefined) break
        more ||= frames === framesAtOnce - 1
        await this.tell(frame)
      }
    }
    const now = nowUs()
    if (!more || Math.abs(now - this.checkedAtUs) >= checkpointUs) await this.checkpoint(now)
    if (this.target.isDue(now)) {
      // First what was told is sent and sure: the next session would tell it once more.
      await this.checkpoint(nowUs())
      await this.target.close()
    }
    return more
  }

  private async tell(frame: NonNullable<ReturnType<ExportSource['next']>>): Promise<void> {
    const now = nowUs()
    if (frame.watermarkUs > 0 && frame.watermarkUs < now - this.target.config.maxBehindUs) {
      if (frame.kind === 'slices') this.tooOld += frame.batch.length
      return
    }
    await this.target.tell(frame.batch, frame.kind === 'open' ? 'begun' : 'slices', now)
  }

  /** Sends all that was told and remembers the place; an older one where some may be under way. */
  private async checkpoint(now: number): Promise<void> {
    await this.target.flush(now)
    this.checkedAtUs = now
    this.target.check()
    const { bytes } = this.target.counters
    const last = this.checkpoints.at(-1)
    if (last === undefined || last.bytes < bytes) {
      this.checkpoints.push({ ...this.state(), bytes, atUs: now })
    } else {
      this.checkpoints[this.checkpoints.length - 1] = { ...last, ...this.state() }
    }
    const { unsureBytes, settleUs } = this.target
    const isSure = (one: Checkpoint | undefined): boolean =>
      one !== undefined && one.bytes <= bytes - unsureBytes && one.atUs <= now - settleUs
    while (isSure(this.checkpoints[1])) this.checkpoints.shift()
    await this.keep()
  }

  private state(): ExportState {
    const positions = Object.fromEntries(this.sources.map(({ id, position }) => [id, position]))
    return { sequence: this.target.sequence, positions }
  }

  private async keep(isLast = false): Promise<void> {
    const [sure] = this.checkpoints
    const nowMs = performance.now()
    if (sure === undefined || (!isLast && nowMs - this.keptAtMs < keepMs)) return
    this.keptAtMs = nowMs
    try {
      await this.file.write({ sequence: this.target.sequence, positions: sure.positions })
    } catch (error) {
      this.say(`Where ${this.name} is cannot be remembered: ${(error as Error).message}`)
    }
  }

  /** Goes back to the last place that is sure. */
  private rewind(): void {
    const [sure] = this.checkpoints
    if (sure === undefined) return
    for (const source of this.sources) {
      const position = sure.positions[source.id]
      if (position !== undefined) source.seek(position)
    }
    this.checkpoints = [{ ...sure, bytes: this.target.counters.bytes, atUs: 0 }]
  }

  private async lost(error: unknown): Promise<void> {
    const { message } = error as Error
    this.failure = message
    this.say(`Export to ${this.name} waits: ${message}.`)
    // What failed on our side, as a segment that vanished just now, begins anew as well.
    if (!(error instanceof TargetLost)) await this.target.close().catch(() => {})
    await this.rest(this.retryMs)
    this.retryMs = Math.min(lastRetryMs, this.retryMs * 2)
  }

  private say(text: string): void {
    const now = Date.now()
    if (text === this.saidText && now - this.saidAtMs < sameTroubleMs) return
    this.saidText = text
    this.saidAtMs = now
    this.log('warn', text)
  }

  private async rest(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.stopping.signal }).catch(() => {})
  }

  /** What the spools hold by now is told yet, unless the target is away. */
  private async finish(): Promise<void> {
    try {
      if (!this.target.isOpen) await this.open()
      while (await this.pass()) await nextTurn()
      await this.checkpoint(nowUs())
      await this.target.close()
      // Both ends have closed: nothing is under way any more.
      this.checkpoints = [{ ...this.state(), bytes: 0, atUs: 0 }]
    } catch (error) {
      if (!(error instanceof TargetLost)) throw error
    } finally {
      await this.keep(true)
      for (const source of this.sources) source.close()
    }
  }
}
