import { randomBytes } from 'node:crypto'
import type { Message } from './arrival.ts'
import type { Exporter, PendingSet } from './exporter.ts'
import { maxPendingBytes, maxPendingSets, maxPendingTogether, pendingMs } from './limits.ts'

/**
 * Data sets that came before their template. They wait, the oldest of an exporter making room for
 * new ones, and are decoded when it comes; what is given up is lost, and its time is a gap.
 */
export class PendingSets {
  bytesTogether = 0
  /** Grows whenever something else waits than before. */
  changes = 0
  /** Sets that were given up. */
  lost = 0
  private readonly run = randomBytes(8).toString('hex')
  private numbered = 0
  private readonly lose: (exporter: Exporter, exportUs: number) => void

  constructor(lose: (exporter: Exporter, exportUs: number) => void) {
    this.lose = lose
  }

  add(
    exporter: Exporter,
    templateId: number,
    view: DataView,
    from: number,
    to: number,
    { version, exportUs, sysUptimeMs, arrivalUs }: Message
  ): void {
    const length = to - from
    if (version === 5) return
    const { pending } = exporter
    while (
      pending.length >= maxPendingSets ||
      (exporter.pendingBytes + length > maxPendingBytes && pending.length > 0)
    ) {
      this.giveUpOldest(exporter)
    }
    const isRoom = length <= maxPendingBytes && this.bytesTogether + length <= maxPendingTogether
    if (!isRoom) {
      this.give(exporter, exportUs)
      return
    }
    const bytes = Buffer.from(view.buffer, view.byteOffset + from, length)
    const arrivalMs = arrivalUs / 1000
    this.keep(exporter, {
      id: this.nextId(),
      templateId,
      version,
      exportUs,
      sysUptimeMs,
      arrivalMs,
      bytes: Buffer.from(bytes),
    })
  }

  /** What no set has had. */
  nextId(): string {
    return `${this.run} ${++this.numbered}`
  }

  /** Keeps a set, as one that an earlier run of the program kept. */
  keep(exporter: Exporter, set: PendingSet): void {
    this.changes++
    exporter.pending.push(set)
    exporter.pendingBytes += set.bytes.length
    this.bytesTogether += set.bytes.length
  }

  /** The sets that wait for this template, oldest first; they wait no more. */
  takeOf(exporter: Exporter, templateId: number): readonly PendingSet[] {
    const taken = exporter.pending.filter((set) => set.templateId === templateId)
    if (taken.length === 0) return taken
    const kept = exporter.pending.filter((set) => set.templateId !== templateId)
    exporter.pending.splice(0, exporter.pending.length, ...kept)
    for (const { bytes } of taken) this.forget(exporter, bytes.length)
    return taken
  }

  /** Gives up what has waited too long. */
  expire(exporter: Exporter, nowMs: number): void {
    while ((exporter.pending[0]?.arrivalMs ?? Infinity) < nowMs - pendingMs) {
      this.giveUpOldest(exporter)
    }
  }

  private giveUpOldest(exporter: Exporter): void {
    const oldest = exporter.pending.shift()
    if (oldest === undefined) return
    this.forget(exporter, oldest.bytes.length)
    this.give(exporter, oldest.exportUs)
  }

  private give(exporter: Exporter, exportUs: number): void {
    this.lost++
    exporter.counters.missingSets++
    this.lose(exporter, exportUs)
  }

  private forget(exporter: Exporter, length: number): void {
    this.changes++
    exporter.pendingBytes -= length
    this.bytesTogether -= length
  }
}
