import type { RecordSettings } from '../model/export-targets.ts'
import type { FlowBatch } from '../model/flow-batch.ts'
import { Announcer } from './announcer.ts'
import type { Run } from './column-writers.ts'
import type { ExportCounters, Unsent } from './export-counters.ts'
import { Layout } from './layout.ts'
import { Layouts } from './layouts.ts'
import type { Template } from './layouts.ts'
import { MessageWriter } from './message.ts'
import type { Outbox } from './outbox.ts'
import type { Protocol } from './protocol.ts'
import { placedRecords } from './record-kernels.ts'
import type { RecordKernels } from './record-kernels.ts'
import { RowChoice } from './row-choice.ts'
import type { BatchKind } from './row-choice.ts'
import { TextPool, maxTextBytes } from './text-pool.ts'

export interface EncoderOptions {
  readonly protocol: Protocol
  readonly settings: RecordSettings
  readonly outbox: Outbox
  /** What SysUptime counts from: whole milliseconds, in us since 1970. */
  readonly bootUs: number
  readonly counters: ExportCounters
  /** Write what lies in their memory, if the outbox does; left out: nothing is. */
  readonly kernels?: RecordKernels | undefined
}

/**
 * Makes messages of batches: no I/O, no object for a record. It fills the outbox; when that is
 * full, {@link encode} returns false and goes on once it was emptied.
 */
export class Encoder {
  readonly message: MessageWriter
  readonly announcer: Announcer
  private readonly choice: RowChoice
  private readonly counters: ExportCounters
  private readonly layouts: Layouts
  private readonly pool = new TextPool()
  private readonly run: Run
  /** The layout of the records that are placed and not written yet: those of the run. */
  private placed: Layout | undefined

  constructor({ protocol, settings, outbox, bootUs, counters, ...given }: EncoderOptions) {
    const { view, bytes } = outbox
    const kernels = given.kernels?.memory.buffer === bytes.buffer ? given.kernels : undefined
    this.counters = counters
    this.message = new MessageWriter(protocol, outbox, {
      domain: settings.domain,
      bootUs,
      counters,
    })
    this.choice = new RowChoice(settings, counters)
    this.announcer = new Announcer(protocol, settings, this.message.room)
    const addTemplate = (template: Template): void => this.announcer.addTemplate(template)
    this.layouts = new Layouts(protocol, settings, bootUs, addTemplate, kernels)
    const starts = kernels?.starts ?? new Int32Array(placedRecords)
    this.run = { view, bytes, starts, rows: this.choice.order, first: 0, count: 0 }
  }

  /** Chooses what is told of a batch; {@link encode} then does it. */
  begin(batch: FlowBatch, kind: BatchKind): void {
    this.pool.begin(batch.texts)
    this.choice.begin(batch, kind)
    this.run.rows = this.choice.order
    this.layouts.bind(batch)
    this.announcer.takeApplications(batch)
    this.counters.namesRefused = this.announcer.applications.refused
  }

  /**
   * Encodes what was begun.
   *
   * @param exportUs what headers of messages say (us since 1970)
   * @returns false where the outbox is full: to be called again
   */
  encode(exportUs: number): boolean {
    const isDone = this.placeAll(exportUs)
    this.writePlaced()
    return isDone
  }

  private placeAll(exportUs: number): boolean {
    for (;;) {
      if (!this.sendSets(exportUs)) return false
      const { slot } = this.choice
      if (slot < 0) return true
      const layout = this.layouts.of(slot)
      if (!(layout instanceof Layout)) {
        this.skip(layout, this.choice.end - this.choice.first)
        continue
      }
      // A layout that is new has a template, which goes first.
      if (!this.sendSets(exportUs)) return false
      if (!this.place(layout, exportUs)) return false
    }
  }

  /** Ends the message under way, so that it can be sent. */
  flush(exportUs: number): boolean {
    if (!this.sendSets(exportUs)) return false
    this.message.close(exportUs)
    return true
  }

  private skip(reason: Unsent, records: number): void {
    const { unsent } = this.counters
    unsent[reason] = (unsent[reason] ?? 0) + records
    this.writePlaced()
    this.choice.take(records)
  }

  /** Puts templates and options that wait into messages. */
  private sendSets(exportUs: number): boolean {
    for (let set = this.announcer.next; set !== undefined; set = this.announcer.next) {
      if (!this.message.open()) return false
      if (this.message.takeSet(set)) this.announcer.taken()
      else if (this.message.holdsSomething) this.message.close(exportUs)
      else this.announcer.taken()
    }
    return true
  }

  /** Places as many records of the slot as the message takes; false where the outbox is full. */
  private place(layout: Layout, exportUs: number): boolean {
    const { message, choice } = this
    if (!message.open()) return false
    this.begunWith(layout)
    const left = Math.min(choice.end - choice.first, message.recordsLeft, this.placesLeft)
    const room = Math.max(0, message.left(layout.templateId))
    const count = layout.hasTexts
      ? this.fitTexts(layout, left, room)
      : Math.min(left, Math.floor(room / layout.fixedBytes))
    if (count === 0) return this.placeAlone(layout, exportUs)
    const bytes = this.setStarts(layout, message.begin(layout.templateId), count)
    message.take(bytes, count)
    choice.take(count)
    if (message.recordsLeft === 0) message.close(exportUs)
    return true
  }

  private get placesLeft(): number {
    return this.run.starts.length - this.run.count
  }

  /** Has a run of this layout under way whose next record is the next that was chosen. */
  private begunWith(layout: Layout): void {
    if (this.placed === layout && this.placesLeft > 0) return
    this.writePlaced()
    this.placed = layout
    this.run.first = this.choice.first
  }

  /** Writes the columns of what is placed. */
  private writePlaced(): void {
    const { run, placed } = this
    if (placed !== undefined && run.count > 0) placed.write(run, this.pool, maxTextBytes)
    this.placed = undefined
    run.count = 0
  }

  /** How many records with texts fit. */
  private fitTexts(layout: Layout, most: number, room: number): number {
    const { run, pool, choice } = this
    let size = 0
    for (let count = 0; count < most; count++) {
      size += layout.sizeOf(run.rows[choice.first + count] ?? 0, pool, maxTextBytes)
      if (size > room) return count
    }
    return most
  }

  /** Adds records to the run, one behind the other; gives their octets. */
  private setStarts(layout: Layout, from: number, count: number): number {
    const { run, pool, choice } = this
    let at = from
    for (let i = 0; i < count; i++) {
      run.starts[run.count++] = at
      at += layout.hasTexts
        ? layout.sizeOf(run.rows[choice.first + i] ?? 0, pool, maxTextBytes)
        : layout.fixedBytes
    }
    return at - from
  }

  /** The next record does not fit behind what the message holds, or into no message whole. */
  private placeAlone(layout: Layout, exportUs: number): boolean {
    const { message, choice, run, pool } = this
    if (message.holdsSomething) {
      message.close(exportUs)
      return true
    }
    const room = message.left(layout.templateId)
    if (layout.leastBytes > room) {
      this.skip('record-too-large', choice.end - choice.first)
      return true
    }
    this.writePlaced()
    run.first = choice.first
    const row = run.rows[run.first] ?? 0
    const limit = layout.limitFor(row, pool, room)
    run.starts[0] = message.begin(layout.templateId)
    run.count = 1
    layout.write(run, pool, limit)
    run.count = 0
    message.take(layout.sizeCut(row, pool, limit), 1)
    choice.take(1)
    this.counters.cutTexts++
    return true
  }
}
