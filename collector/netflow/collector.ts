import type { GapReason } from '../../model/coverage.ts'
import { inlineMore } from '../../model/inlining.ts'
import { OurClock } from '../our-clock.ts'
import type { CollectorJournal } from './collector-journal.ts'
import { isSentWhenTold, nearLast } from './clock-belief.ts'
import { NetflowDecoder } from './decoder.ts'
import type { Arrival, Message } from './arrival.ts'
import type { RecordTarget } from './record-target.ts'
import type { Exporter, TemplateEntry } from './exporter.ts'
import { gapOfDrops, gapOfLoss, secondUs } from './loss.ts'
import type { MessageHead } from './message.ts'
import { hasMoreToTell, nothingTold, progressOf } from './progress.ts'
import type { Told, Watch } from './progress.ts'
import { readWaited } from './read-waited.ts'
import { isRestart } from './restart.ts'
import { RowWriter } from './rows.ts'
import type { Lost } from './sequence.ts'
import { settingsFor } from './settings.ts'
import type { ExporterSettings, ExporterSettingsList } from './settings.ts'
import { templateLifetimeMs } from './limits.ts'

/** Who numbers anew again within so long has numbers that mean nothing (us). */
const renumberedUs = 60e6
/** Sequence numbers that were passed over are lost when nothing filled them for so long (us). */
const settleUs = 5e6

/** Collects NetFlow and IPFIX: datagrams in, rows out, with how far each exporter is trusted. */
export class NetflowCollector implements RecordTarget {
  readonly decoder: NetflowDecoder
  readonly rows: RowWriter
  private readonly journal: CollectorJournal
  private settings: readonly ExporterSettings[]
  private readonly watches = new Map<Exporter, Watch>()
  private readonly dirty = new Set<Exporter>()
  /** Who was added to {@link dirty} last, mostly who sends next too. */
  private lastDirty: Exporter | undefined
  readonly ourClock = new OurClock()
  /** Whether the message that is read was sent when it says. */
  private isBelieved = true
  /** Whose sequence is looked at, and what is done with what it passed over for good. */
  private passed: Exporter | undefined
  private readonly passedOver = ({ units, afterUs, beforeUs }: Lost): void => {
    if (this.passed === undefined) return
    this.passed.counters.lost += units
    this.lose(this.passed, afterUs, beforeUs, 'sequence-gap', units)
  }

  /** @param run tells the rows of this run of the program from those of others */
  constructor(settings: ExporterSettingsList, journal: CollectorJournal, run?: number) {
    inlineMore()
    this.settings = settings
    this.journal = journal
    this.rows = new RowWriter(journal, run)
    this.decoder = new NetflowDecoder({
      target: this,
      settingsOf: (w0, w1, w2, w3) => settingsFor(this.settings, w0, w1, w2, w3),
      began: (exporter) => this.began(exporter),
      lost: (exporter, exportUs) => {
        const atUs = nearLast(exporter, exportUs)
        this.lose(exporter, atUs, atUs, 'template-missing')
      },
      waited: (ids, read) => readWaited(this.rows, journal, ids, read),
    })
  }

  /** Its start moved on: what it had not told yet is gone, its templates are others. */
  begin(exporter: Exporter, head: MessageHead, arrival: Arrival): void {
    const exportUs = head.exportUs + exporter.settings.clockOffsetUs
    // One of an earlier run of ours has lost what it lost under the number that it has now.
    if (exporter.sourceIndex === 0 && exporter.lastExportUs > 0) this.register(exporter)
    this.isBelieved = isSentWhenTold(exporter, exportUs, arrival.atUs)
    if (!this.isBelieved) return
    if (head.sysUptimeMs !== undefined) this.checkRestart(exporter, head.sysUptimeMs, exportUs)
    const { settings, sequence, reconnected } = exporter
    if (settings.checkSequence && !reconnected && sequence.beganAnew(head.sequence, exportUs)) {
      this.renumbered(exporter, exportUs)
    }
  }

  /** A connection began: of the one before, templates are lost, and more may be (RFC 7011 §8). */
  connected(w0: number, w1: number, w2: number, w3: number): void {
    for (const exporter of this.decoder.exporters.values()) {
      const [a0, a1, a2, a3] = exporter.address
      if (a0 !== w0 || a1 !== w1 || a2 !== w2 || a3 !== w3 || exporter.version !== 10) continue
      exporter.reconnected = exporter.sequence.next >= 0
      this.decoder.forgetTemplates(exporter)
    }
  }

  records(
    exporter: Exporter,
    entry: TemplateEntry,
    message: Message,
    view: DataView,
    from: number,
    to: number
  ): number {
    const { context } = this.rows
    const { clockOffsetUs } = exporter.settings
    context.exportUs = message.exportUs + clockOffsetUs
    context.sysUptimeMs = message.sysUptimeMs
    context.startedUs = exporter.startedUs
    context.clockOffsetUs = clockOffsetUs
    if (exporter.sourceIndex === 0) this.register(exporter)
    return this.rows.write(exporter, entry, view, from, to)
  }

  message(
    exporter: Exporter,
    head: MessageHead,
    arrival: Arrival,
    records: number | undefined
  ): void {
    if (exporter.sourceIndex === 0) this.register(exporter)
    exporter.lastArrivalMs = arrival.atUs / 1000
    const exportUs = head.exportUs + exporter.settings.clockOffsetUs
    const offsetUs = arrival.atUs - exportUs
    if (!this.isBelieved) {
      exporter.counters.wrongClocks++
      exporter.hadWrongClock = true
      exporter.wrongOffsetUs = offsetUs
      return
    }
    if (exporter !== this.lastDirty) {
      this.lastDirty = exporter
      this.dirty.add(exporter)
    }
    // What was there before it was first heard, it may have told to nobody.
    if (exporter.lastExportUs === 0) {
      this.journal.watchedFrom(exporter.sourceIndex, exportUs + secondUs)
    } else this.checkSilence(exporter, exportUs)
    this.checkSequence(exporter, head, exportUs, records)
    if (exporter.firstArrivalUs === 0) exporter.firstArrivalUs = arrival.atUs
    exporter.lastExportUs = Math.max(exporter.lastExportUs, exportUs)
    exporter.leastOffsetUs = Math.min(exporter.leastOffsetUs, offsetUs)
    exporter.mostOffsetUs = Math.max(exporter.mostOffsetUs, offsetUs)
  }

  /** Our clock was set, or may be soon, as after a start: nobody's is compared with what it was. */
  clockSet(): void {
    this.ourClock.set()
    for (const exporter of this.decoder.exporters.values()) exporter.forgetOffsets()
  }

  /** Takes over what is said of exporters. */
  reload(settings: readonly ExporterSettings[]): void {
    this.settings = settings
    for (const exporter of this.decoder.exporters.values()) {
      const own = settingsFor(settings, ...exporter.address)
      if (own === undefined) continue
      exporter.settings = own
      if (own.dialect !== undefined) exporter.dialect = own.dialect
    }
  }

  /** Datagrams were dropped before anybody saw whose they were. */
  dropped(fromUs: number, toUs: number, datagrams: number): void {
    const gap = gapOfDrops(this.decoder.exporters.values(), fromUs, toUs)
    this.journal.gap(0, { ...gap, reason: 'kernel-drop', lost: datagrams })
  }

  /** Hands over rows, and tells how far each exporter has come; once a second is meant. */
  tick(nowUs: number): void {
    this.rows.flush()
    const told: Told[] = []
    this.lastDirty = undefined
    const { isSteady } = this.ourClock
    for (const exporter of this.dirty) {
      this.settle(exporter, nowUs)
      const progress = progressOf(exporter, this.watchOf(exporter), this.journal, isSteady)
      if (progress !== undefined) told.push(progress)
      if (!hasMoreToTell(exporter, isSteady)) this.dirty.delete(exporter)
    }
    if (told.length > 0) this.journal.progress(told)
    this.forgetOld(nowUs / 1000)
  }

  /** Nothing comes any more: what was passed over is lost. */
  end(): void {
    this.rows.flush()
    for (const exporter of this.decoder.exporters.values()) {
      this.passed = exporter
      exporter.sequence.settle(Infinity, this.passedOver)
      this.dirty.add(exporter)
    }
  }

  /** What was passed over is lost once later messages, or silence, have lasted for long enough. */
  private settle(exporter: Exporter, nowUs: number): void {
    const isSilent = nowUs - exporter.lastArrivalMs * 1000 > settleUs
    this.passed = exporter
    exporter.sequence.settle(
      isSilent ? Infinity : exporter.lastExportUs - settleUs,
      this.passedOver
    )
  }

  /** Who said nothing for longer than he ever should, or sent uncounted while we were down. */
  private checkSilence(exporter: Exporter, exportUs: number): void {
    const { settings, lastExportUs, firstArrivalUs, reconnected } = exporter
    const isSilent = exportUs - lastExportUs > (settings.silenceUs ?? Infinity)
    const wasDown = firstArrivalUs === 0 && !settings.checkSequence && !reconnected
    if (isSilent) this.lose(exporter, lastExportUs, exportUs, 'exporter-silent')
    else if (wasDown) this.lose(exporter, lastExportUs, exportUs, 'down')
  }

  private checkSequence(
    exporter: Exporter,
    { sequence: number }: MessageHead,
    exportUs: number,
    records: number | undefined
  ): void {
    const { sequence } = exporter
    const { reconnected, hadWrongClock, lastExportUs } = exporter
    if (reconnected || hadWrongClock) {
      exporter.reconnected = exporter.hadWrongClock = false
      // Who goes on numbering over connections, and has missed none, has lost none.
      const hasMissed = number !== sequence.next || !exporter.settings.checkSequence
      const reason = reconnected ? 'exporter-restart' : 'clock-step'
      if (hasMissed) this.lose(exporter, lastExportUs, exportUs, reason)
      sequence.reset()
    }
    if (!exporter.settings.checkSequence) return
    this.passed = exporter
    const verdict = sequence.take(number, records, exportUs, this.passedOver)
    // So far from what was expected that nobody can say how much is lost.
    if (verdict === 'restart') {
      this.lose(exporter, exporter.lastExportUs, exportUs, 'exporter-restart')
    }
  }

  /** Its numbers began anew, and its uptime, if it tells one, did not. */
  private renumbered(exporter: Exporter, exportUs: number): void {
    const watch = this.watchOf(exporter)
    const isFirst = exportUs - watch.renumberedUs > renumberedUs
    watch.renumberedUs = exportUs
    this.lose(exporter, exporter.lastExportUs, exportUs, 'exporter-restart')
    exporter.sequence.restarts++
    exporter.sequence.reset()
    if (!isFirst || exporter.sourceIndex === 0) return
    this.journal.doubted(exporter.sourceIndex)
    // Templates of before may mean other things now (RFC 7011 §8.4); data waits for new ones.
    this.decoder.forgetTemplates(exporter)
  }

  private checkRestart(exporter: Exporter, uptimeMs: number, exportUs: number): void {
    const { lastUptimeMs: before, lastExportUs } = exporter
    const isLess = before < 0 || uptimeMs < before - 1000
    if (isLess && isRestart(exporter, this.watchOf(exporter), uptimeMs, exportUs)) {
      this.lose(exporter, lastExportUs, exportUs, 'exporter-restart')
      this.journal.restarted(exporter.sourceIndex, exportUs)
      exporter.sequence.restarts++
      exporter.sequence.reset()
      this.decoder.forgetTemplates(exporter)
    }
    if (exportUs >= lastExportUs || before < 0) exporter.lastUptimeMs = uptimeMs
  }

  private lose(
    exporter: Exporter,
    afterUs: number,
    beforeUs: number,
    reason: GapReason,
    lost?: number
  ): void {
    // One of an earlier run of ours was not heard in this one; of a new one nothing was said yet.
    if (exporter.sourceIndex === 0) this.register(exporter)
    if (exporter.sourceIndex === 0 || exporter.lastExportUs === 0) return
    const gap = gapOfLoss(exporter, afterUs, beforeUs)
    this.journal.gap(exporter.sourceIndex, { ...gap, reason, ...(lost !== undefined && { lost }) })
  }

  private began(exporter: Exporter): void {
    if (exporter.settings.samplingInterval === undefined) return
    exporter.samplingInterval = exporter.settings.samplingInterval
    exporter.samplingOrigin = 'configured'
  }

  private register(exporter: Exporter): void {
    const index = this.journal.sourceIndex(exporter.sourceName)
    if (index === undefined) return
    exporter.sourceIndex = index
  }

  private watchOf(exporter: Exporter): Watch {
    const watch: Watch = this.watches.get(exporter) ?? { ...nothingTold }
    this.watches.set(exporter, watch)
    return watch
  }

  private forgetOld(nowMs: number): void {
    for (const exporter of this.decoder.exporters.values()) {
      if (exporter.pending.length > 0) this.decoder.pending.expire(exporter, nowMs)
      if (exporter.lastArrivalMs > nowMs - templateLifetimeMs) continue
      this.decoder.forgetTemplates(exporter)
    }
  }
}
