import { accountingAttributes, accountingEvents } from './radius-accounting.ts'
import { IdentityReader } from './reader.ts'
import type { ReaderOptions } from './reader.ts'
import { digits, isEpoch, monthAt, quoted, skipBlanks } from './scan.ts'
import { WallClock } from './wall-clock.ts'

/** Values of the attributes that are read, in one record. */
const maxValues = 64

/** Header and Timestamp of one record are at most a zone apart (UTC-12 to UTC+14), or in doubt. */
const maxHeaderOffUs = 15 * 3_600e6

/**
 * Reads detail files of FreeRADIUS: a record a request, ended by an empty line.
 *
 * ```
 * Tue Mar 10 12:00:00 2026              local time of the server, without a zone
 * ⇥Packet-Type = Accounting-Request     left out by old releases
 * ⇥User-Name = "bob"                    quotes and backslashes as in C
 * ⇥Framed-IP-Address = 192.0.2.10
 * ⇥Timestamp = 1773144000               when it was received; last
 * ```
 */
export class RadiusDetailReader extends IdentityReader {
  private readonly clock: WallClock
  private open = false
  private spoilt = false
  private header = ''
  private timestamp = ''
  private values = 0
  private attributes = new Map<string, string[]>()

  constructor(options: ReaderOptions) {
    super(options)
    this.clock = new WallClock(options.zone)
  }

  protected override isOpen(): boolean {
    return this.open
  }

  protected override dropOpen(): void {
    this.open = false
  }

  protected override onLine(line: string): void {
    const first = line.charCodeAt(0)
    if (line.length === 0) {
      if (this.open) this.finish()
    } else if (first === 9 || first === 32) {
      if (this.open) this.readAttribute(line)
      else this.unknown()
    } else this.begin(line)
  }

  private begin(line: string): void {
    if (!isHeader(line)) {
      // Text that is neither; a record around it may have lost an attribute.
      if (this.open) this.spoilt = true
      else this.unknown()
      return
    }
    if (this.open) {
      this.refuse('cut')
      this.restartRecord()
    }
    this.open = true
    this.spoilt = false
    this.header = line
    this.timestamp = ''
    this.values = 0
    this.attributes = new Map()
  }

  private readAttribute(line: string): void {
    const from = skipBlanks(line, 0)
    const end = line.indexOf(' = ', from)
    if (end < 0) {
      if (from < line.length) this.spoilt = true
      return
    }
    const name = line.slice(from, end)
    if (name === 'Timestamp') this.timestamp = line.slice(end + 3)
    if (!accountingAttributes.has(name)) return
    const value = valueOf(line, end + 3)
    if (value === undefined || ++this.values > maxValues) {
      this.spoilt = true
      return
    }
    const known = this.attributes.get(name)
    if (known === undefined) this.attributes.set(name, [value])
    else known.push(value)
  }

  private finish(): void {
    this.open = false
    if (this.spoilt) return this.refuse('malformed')
    const time = this.receivedUs()
    if (typeof time === 'string') return this.refuse(time)
    const { attributes, record } = this
    const { receivedUs, weak } = time
    const result = accountingEvents({ attributes, receivedUs, record, weak })
    if (typeof result !== 'string') for (const event of result) this.emit(event)
    else if (result === 'not-accounting' || result === 'status-other') this.pass(result)
    else this.refuse(result)
  }

  private receivedUs(): { receivedUs: number; weak: boolean } | string {
    const { timestamp } = this
    if (timestamp !== '') {
      const seconds = digits(timestamp, 0, timestamp.length)
      if (!isEpoch(seconds)) return 'time-invalid'
      const header = headerUtc(this.header)
      const weak = Number.isNaN(header) || Math.abs(header - seconds * 1e6) > maxHeaderOffUs
      if (weak) this.note('header-mismatch')
      return { receivedUs: seconds * 1e6, weak }
    }
    const { clock, header: h } = this
    const time = clock.read(
      digits(h, 20, 24),
      monthAt(h, 4),
      digits(h, h.charCodeAt(8) === 32 ? 9 : 8, 10),
      digits(h, 11, 13),
      digits(h, 14, 16),
      digits(h, 17, 19)
    )
    if (typeof time === 'string') return time
    // Shown twice: a session may have begun at the first of the two, and ended at the last.
    const begins = ['Start', '1'].includes(this.attributes.get('Acct-Status-Type')?.[0] ?? '')
    const weak = time.firstUs !== time.lastUs
    return { receivedUs: begins ? time.firstUs : time.lastUs, weak }
  }
}

/** `Tue Mar 10 12:00:00 2026`, as ctime(3) writes it. */
function isHeader(line: string): boolean {
  return (
    line.length === 24 &&
    line.charCodeAt(3) === 32 &&
    line.charCodeAt(13) === 58 &&
    line.charCodeAt(16) === 58 &&
    monthAt(line, 4) > 0
  )
}

/** The header's day and hour as if they were in UTC (us since 1970); NaN where it is no date. */
function headerUtc(line: string): number {
  const day = digits(line, line.charCodeAt(8) === 32 ? 9 : 8, 10)
  const [year, hour] = [digits(line, 20, 24), digits(line, 11, 13)]
  if (year < 0 || day < 1 || hour < 0) return Number.NaN
  return Date.UTC(year, monthAt(line, 4) - 1, day, hour) * 1000
}

function valueOf(line: string, from: number): string | undefined {
  const first = line.charCodeAt(from)
  if (first === 34) {
    const string = quoted(line, from + 1)
    return string?.end === line.length - 1 ? string.value : undefined
  }
  // Words of the dictionary in single quotes are what some releases write for strings.
  if (first === 39) {
    return line.length > from + 1 && line.endsWith("'") ? line.slice(from + 1, -1) : undefined
  }
  return line.slice(from)
}
