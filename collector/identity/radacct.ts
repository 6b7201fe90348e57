import type { Prefix } from '../../model/address.ts'
import type { IdentityEvent } from '../../model/identity.ts'
import { normaliseMac } from '../../model/mac.ts'
import { Columns } from './columns.ts'
import { csvValues, separatorOf } from './csv.ts'
import { LogClock } from './log-clock.ts'
import { givenPrefix, hostPrefix } from './prefix-text.ts'
import { sessionKey } from './radius-accounting.ts'
import { IdentityReader } from './reader.ts'
import type { ReaderOptions } from './reader.ts'
import { sourceText } from './source-text.ts'

const needed = ['acctsessionid', 'nasipaddress', 'acctstarttime']
const nothing: ReadonlySet<string> = new Set(['', 'NULL', '\\N', '0000-00-00 00:00:00'])

interface Instants {
  readonly firstUs: number
  readonly lastUs: number
}

/**
 * Reads the table radacct of FreeRADIUS' rlm_sql, as CSV with the names of the columns first
 * (`\copy radacct to 'radacct.csv' csv header`). The table is written over while a session lasts:
 * a later address stands in the place of an earlier one, the start of a session whose Start was
 * lost is a guess, and one without a Stop has no end. So everything from it is weak; detail files
 * and live accounting say more.
 */
export class RadacctReader extends IdentityReader {
  private readonly clock: LogClock
  private columns: Columns | undefined
  private separator = ','

  constructor(options: ReaderOptions) {
    super(options)
    this.clock = new LogClock(options)
  }

  protected override onLine(line: string): void {
    if (line === '') return
    if (/(?:^|[,;\t"])acctsessionid(?:[,;\t"]|$)/i.test(line.slice(0, 4096))) {
      return this.readHeader(line)
    }
    if (this.columns === undefined) return this.refuse('header-missing')
    const values = csvValues(line, this.separator)
    if (values?.length !== this.columns.width) return this.refuse('malformed')
    this.columns.row(values.map((value) => (nothing.has(value) ? '' : value)))
    this.readRow(this.columns)
  }

  private readHeader(line: string): void {
    this.separator = separatorOf(line)
    const names = csvValues(line.toLowerCase(), this.separator) ?? []
    const columns = new Columns(names)
    const known = needed.every((name) => columns.has(name))
    this.columns = known ? columns : undefined
    if (!known) this.refuse('header-unknown')
  }

  private readRow(columns: Columns): void {
    const [start, update, stop] = [
      this.timeOf(columns.get('acctstarttime')),
      this.timeOf(columns.get('acctupdatetime')),
      this.timeOf(columns.get('acctstoptime')),
    ]
    for (const time of [start, update, stop]) {
      if (typeof time === 'string') return this.refuse(time)
    }
    const [from, seen, to] = [start, update, stop] as (Instants | undefined)[]
    if (from === undefined) return this.refuse('start-missing')
    const nas = columns.get('nasipaddress') || columns.get('nasipv6address')
    const session = columns.get('acctsessionid')
    if (nas === '' || session === '') return this.refuse('session-missing')
    const last = to?.lastUs ?? seen?.firstUs ?? from.firstUs
    if (last < from.firstUs) return this.refuse('contradictory')
    const event: IdentityEvent = {
      ...this.base(columns, nas, session),
      what: to === undefined ? 'alive' : 'end',
      atUs: last,
      startUs: from.firstUs,
    }
    const prefixes = heldBy(columns)
    if (prefixes.length === 0) return this.pass('without-address')
    for (const prefix of prefixes) this.emit({ ...event, prefix })
  }

  private base(columns: Columns, nas: string, session: string) {
    const user = columns.get('username')
    const mac = normaliseMac(columns.get('callingstationid'))
    const station = columns.get('calledstationid') || columns.get('nasportid')
    return {
      kind: 'session' as const,
      key: sessionKey(nas, session, columns.get('class') || user),
      device: mac === undefined ? {} : { mac },
      session: sourceText(session),
      nas: sourceText(nas),
      ...(user === '' ? {} : { user: sourceText(user) }),
      ...(station === '' ? {} : { station: sourceText(station) }),
      record: this.record,
      weak: true,
    }
  }

  private timeOf(text: string): Instants | string | undefined {
    if (text === '') return undefined
    const { clock } = this
    const reason = clock.read(text, 0)
    if (reason !== undefined) return reason
    return clock.end === text.length
      ? { firstUs: clock.firstUs, lastUs: clock.lastUs }
      : 'time-invalid'
  }
}

function heldBy(columns: Columns): Prefix[] {
  const hosts = ['framedipaddress', 'framedipv6address']
  const prefixes = ['framedipv6prefix', 'delegatedipv6prefix']
  return [
    ...hosts.map((name) => hostPrefix(columns.get(name).replace(/\/(?:32|128)$/, ''))),
    ...prefixes.map((name) => givenPrefix(columns.get(name))),
  ].filter((prefix) => prefix !== undefined)
}
