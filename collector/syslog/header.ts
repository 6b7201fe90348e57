import { LogClock, priorityEnd } from '../identity/log-clock.ts'
import type { LogTimeReason } from '../identity/log-clock.ts'
import { skipBlanks, wordEnd } from '../identity/scan.ts'
import type { Zone } from '../../model/time-zone.ts'

/** A blank, a zone at its longest (`+01:00`, ` UTC:`) and what follows it, and some more. */
const zoneReach = 12
/** Words that may stand before the time: a sequence number, the sender's name. */
const maxWordsBefore = 3

export interface HeaderOptions {
  /** Zone of times that name none; left out: such times are refused. */
  readonly zone?: Zone | undefined
  /** When the text was written, where it is a file; left out: it is read as it comes. */
  readonly writtenUs?: number | undefined
  /** Year of the text's first line, where a file's lines have none. */
  readonly year?: number | undefined
  readonly nowUs: () => number
}

/**
 * Reads what stands before a message: RFC 5424, RFC 3164, and what routers make of it.
 *
 * ```
 * <134>1 2026-03-01T12:00:00.123Z HOST APP PID MSGID SD MSG      RFC 5424
 * <134>Mar  1 12:00:00 HOST MSG                                  RFC 3164
 * <166>Mar 01 2026 12:00:00 HOST : MSG                           ASA
 * <189>1234: HOST: *Mar  1 12:00:00.123 UTC: MSG                 IOS; * and . doubt the clock
 * 2026-03-01T12:00:00+01:00 HOST MSG                             what syslog daemons write to files
 * <134>MSG                                                       no time
 * ```
 */
export class SyslogHeader {
  /** Where the message begins: at the sender's name, which is a part of it here. */
  start = 0
  /** When the line was written: between these (us since 1970); one second where it has no parts. */
  firstUs = 0
  lastUs = 0
  private readonly clock: LogClock
  /** The text of the last time and the character behind it: lines come many a moment. */
  private lastText = ''
  private lastNext = 0
  private lastBehind = ''
  private lastReason: LogTimeReason | undefined

  constructor({ zone, writtenUs, year, nowUs }: HeaderOptions) {
    // A log clock wants a whole reader's options; of these it uses the ones about time.
    this.clock = new LogClock({
      name: '',
      nowUs,
      ...(zone === undefined ? {} : { zone }),
      ...(writtenUs === undefined ? {} : { writtenUs }),
      ...(year === undefined ? {} : { year }),
    })
  }

  /** @returns why the line has no time; undefined where it has one */
  read(line: string): LogTimeReason | undefined {
    const from = priorityEnd(line)
    this.start = from
    let at = from
    let reason: LogTimeReason | undefined = 'time-missing'
    for (let word = 0; word <= maxWordsBefore; word++) {
      at = skipMarks(line, at)
      reason = this.readAt(line, at)
      if (reason !== 'time-missing') break
      at = skipBlanks(line, wordEnd(line, at))
    }
    if (reason === 'time-missing') return reason
    this.start = skipColon(line, this.end)
    if (reason !== undefined) return reason
    const { firstUs, lastUs } = this.clock
    this.firstUs = firstUs
    // A time without parts of a second is any of that second.
    this.lastUs = firstUs % 1e6 === 0 ? lastUs + 999_999 : lastUs
    return undefined
  }

  private end = 0

  /** As the clock reads it; the very text that was read last is not read again. */
  private readAt(line: string, at: number): LogTimeReason | undefined {
    const { lastText } = this
    if (lastText !== '' && line.startsWith(lastText, at)) {
      this.end = at + lastText.length
      const isSame = line.charCodeAt(this.end) === this.lastNext
      if (isSame && this.zoneIsKnown(line)) return this.lastReason
    }
    const reason = this.clock.read(line, at)
    if (reason === 'time-missing') return reason
    this.end = this.clock.end
    this.lastText = line.slice(at, this.end)
    this.lastNext = line.charCodeAt(this.end)
    this.lastBehind = line.slice(this.end, this.end + zoneReach)
    this.lastReason = reason
    return reason
  }

  /** Behind the time stands no zone, or all that stood there before, as far as a zone reaches. */
  private zoneIsKnown(line: string): boolean {
    if (!mayBeZone(line.charCodeAt(this.end + 1))) return true
    const { lastBehind } = this
    return lastBehind.length === zoneReach && line.startsWith(lastBehind, this.end)
  }
}

/** True of what a zone behind a time may begin with: `+`, `-`, UTC, GMT, Z. */
const mayBeZone = (code: number): boolean =>
  code === 43 || code === 45 || code === 85 || code === 71 || code === 90

/** `*`, `.` and `:` that routers put before a time. */
function skipMarks(line: string, at: number): number {
  const code = line.charCodeAt(at)
  return code === 42 || code === 46 || code === 58 ? skipBlanks(line, at + 1) : at
}

/** A zone's letters and the colon behind a router's time. */
function skipColon(line: string, at: number): number {
  const end = zoneEnd(line, at)
  return skipBlanks(line, line.charCodeAt(end) === 58 ? end + 1 : end)
}

/** Where two to five capitals between a blank and a colon end; `at` where they are not there. */
function zoneEnd(line: string, at: number): number {
  if (line.charCodeAt(at) !== 32) return at
  let end = at + 1
  while (isCapital(line.charCodeAt(end))) end++
  const letters = end - at - 1
  return letters >= 2 && letters <= 5 && line.charCodeAt(end) === 58 ? end : at
}

const isCapital = (code: number): boolean => code >= 65 && code <= 90
