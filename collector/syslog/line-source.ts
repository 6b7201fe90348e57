import { sliceFlags } from '../../model/fields.ts'
import type { NatVendor } from '../../model/syslog-sources.ts'
import type { LogTimeReason } from '../identity/log-clock.ts'
import type { NatDialect } from './dialect.ts'
import { natDialects } from './dialects.ts'
import type { EventWriter } from './event-writer.ts'
import { SyslogHeader } from './header.ts'
import type { HeaderOptions } from './header.ts'
import { LineCursor } from './line-cursor.ts'

/** Lines of each kind that are kept to be shown, and how much of each. */
const maxSamples = 5
const sampleLength = 300

/** What was done with the lines of a source. */
export interface LineCounters {
  lines: number
  /** Events that the lines told. */
  events: number
  /** Lines of a known vendor that tell of no mapping. */
  passed: number
  /** Lines that no dialect knows. */
  unknown: number
  /** Lines that begin as a known one and cannot be read to their end. */
  malformed: number
  /** Lines whose time is that of their arrival, since they have none that can be told. */
  arrivalTimes: number
  /** Lines that were not taken since nobody knows when they were, by reason. */
  readonly timeless: Partial<Record<LogTimeReason, number>>
}

/** Nothing was read yet. */
export const noLines = (): LineCounters => ({
  lines: 0,
  events: 0,
  passed: 0,
  unknown: 0,
  malformed: 0,
  arrivalTimes: 0,
  timeless: {},
})

export interface LineSourceOptions extends HeaderOptions {
  readonly vendor: NatVendor | 'auto'
  /** Dialects that the operator's patterns make; they are tried first. */
  readonly patterns?: readonly NatDialect[]
  /** True where lines come as they are written: one without a time is of now. */
  readonly live: boolean
}

/** Reads the lines of one source into events. */
export class LineSource {
  readonly counters = noLines()
  /** Lines that were not understood, the latest of each kind. */
  readonly samples = { unknown: [] as string[], malformed: [] as string[] }
  /** How far the last line's time lies before its arrival (us); 0 where it is that of arrival. */
  delayUs = 0
  /** The least distance of our clock from that of live lines (us); below zero theirs is ahead. */
  leastOffsetUs = Infinity
  /** When the last line that had a time was written (us since 1970). */
  writtenUs = 0
  private readonly header: SyslogHeader
  private readonly cursor = new LineCursor()
  /** The one that understood the last line stands first. */
  private readonly dialects: NatDialect[]
  private readonly options: LineSourceOptions

  constructor(options: LineSourceOptions) {
    this.options = options
    this.header = new SyslogHeader(options)
    const { vendor, patterns = [] } = options
    const known = vendor === 'auto' ? Object.values(natDialects) : [natDialects[vendor]]
    this.dialects = [...patterns, ...known]
  }

  /** Reads a line; its events are in the writer's batch, which has room for at least one. */
  read(line: string, out: EventWriter): void {
    const { counters } = this
    counters.lines++
    if (!this.readTime(line, out)) return
    out.beginLine()
    this.cursor.begin(line, this.header.start)
    const outcome = this.readMessage(out)
    if (outcome !== 'taken') out.forgetLine()
    counters.events += out.events
    if (outcome === 'taken') return
    if (outcome === 'passed') counters.passed++
    else if (outcome === 'other') {
      counters.unknown++
      keepSample(this.samples.unknown, line)
    } else {
      counters.malformed++
      keepSample(this.samples.malformed, line)
    }
  }

  private readTime(line: string, out: EventWriter): boolean {
    const { header, options, counters } = this
    const reason = header.read(line)
    out.flags = 0
    this.delayUs = 0
    if (reason === undefined) {
      out.firstUs = header.firstUs
      out.lastUs = header.lastUs
      this.writtenUs = header.firstUs
      if (options.live) this.compareClocks(options.nowUs())
      return true
    }
    if (!options.live) {
      counters.timeless[reason] = (counters.timeless[reason] ?? 0) + 1
      return false
    }
    counters.arrivalTimes++
    out.firstUs = options.nowUs()
    out.lastUs = out.firstUs
    out.flags = sliceFlags.observedTimes
    return true
  }

  /** A time without parts of a second may be any of that second: within it nothing is apart. */
  private compareClocks(nowUs: number): void {
    const { firstUs, lastUs } = this.header
    this.delayUs = nowUs - lastUs
    const offsetUs = nowUs < firstUs ? nowUs - firstUs : Math.max(0, this.delayUs)
    if (offsetUs < this.leastOffsetUs) this.leastOffsetUs = offsetUs
  }

  private readMessage(out: EventWriter): 'taken' | 'passed' | 'other' | 'malformed' {
    const { cursor, dialects, header } = this
    for (const [index, dialect] of dialects.entries()) {
      cursor.at = header.start
      const outcome = dialect(cursor, out)
      if (outcome === 'other') {
        out.forgetLine()
        continue
      }
      if (index > 0 && outcome === 'taken') {
        dialects.splice(index, 1)
        dialects.unshift(dialect)
      }
      return outcome
    }
    return 'other'
  }
}

function keepSample(samples: string[], line: string): void {
  if (samples.length >= maxSamples) samples.shift()
  // Terminals and logs show them: no control characters.
  samples.push(line.slice(0, sampleLength).replaceAll(/[^\u0020-\u007e]/g, '?'))
}
