import { FlowledgerError } from '../../model/errors.ts'
import type { IdentityEvent } from '../../model/identity.ts'
import { normaliseMac } from '../../model/mac.ts'
import { Columns } from './columns.ts'
import { csvValues, separatorOf } from './csv.ts'
import { LineMatcher } from './line-pattern.ts'
import type { Captured } from './line-pattern.ts'
import { LogClock } from './log-clock.ts'
import { parsePattern } from './pattern-text.ts'
import { hostPrefix } from './prefix-text.ts'
import { IdentityReader } from './reader.ts'
import type { ReaderOptions } from './reader.ts'
import { sourceText } from './source-text.ts'
import { timed } from './timed.ts'

const columnNames = ['time', 'user', 'ip', 'mac', 'session', 'nas', 'station', 'action'] as const
type ColumnName = (typeof columnNames)[number]

const actions: Readonly<Record<string, 'start' | 'end' | undefined>> = {
  login: 'start',
  logon: 'start',
  start: 'start',
  connect: 'start',
  logout: 'end',
  logoff: 'end',
  stop: 'end',
  end: 'end',
  disconnect: 'end',
}

/**
 * Which column of a CSV file is what: `csv:user=Login,ip=Client IP`; what is left out goes by its
 * own name.
 *
 * @throws FlowledgerError `usage`
 */
function columnMap(pattern: string): Readonly<Record<ColumnName, string>> {
  const map = Object.fromEntries(columnNames.map((name) => [name, name])) as Record<
    ColumnName,
    string
  >
  const pairs = pattern.replace(/^csv:?/, '')
  for (const pair of pairs === '' ? [] : pairs.split(',')) {
    const [name = '', column] = pair.split('=', 2)
    const known = columnNames.find((each) => each === name.trim())
    if (known === undefined || column === undefined || column.trim() === '') {
      throw new FlowledgerError('usage', `"${pair.slice(0, 60)}" names no column.`, {
        fix: `Write csv:time=COLUMN,user=COLUMN,ip=COLUMN; known are ${columnNames.join(', ')}.`,
      })
    }
    map[known] = column.trim()
  }
  return map
}

/**
 * Reads a log of log-ins whose form is declared: patterns of lines ({@link parsePattern}), of which
 * the first that matches counts, or `csv` for a table whose first line names the columns. Without a
 * pattern it is a table with the columns `time`, `user`, `ip` and, where there are any, `mac`,
 * `session`, `nas`, `station` and `action` (login, logout).
 */
export class LoginsReader extends IdentityReader {
  private readonly clock: LogClock
  private readonly matchers: readonly LineMatcher[]
  private readonly map: Readonly<Record<ColumnName, string>>
  private columns: Columns | undefined
  private separator = ','

  constructor(options: ReaderOptions) {
    super(options)
    this.clock = new LogClock(options)
    const patterns = options.patterns ?? []
    const table = patterns.find((pattern) => /^csv(?::|$)/.test(pattern))
    const lines = patterns.filter((pattern) => pattern !== table)
    if (table !== undefined && lines.length > 0) {
      throw new FlowledgerError('usage', 'A file is a table or has lines, not both.', {
        fix: 'Give either csv or patterns of lines.',
      })
    }
    this.map = columnMap(table ?? 'csv')
    this.matchers = lines.map((pattern) => new LineMatcher(parsePattern(pattern), this.clock))
  }

  protected override onLine(line: string): void {
    if (line === '') return
    if (this.matchers.length > 0) this.matchLine(line)
    else if (this.columns === undefined) this.readHeader(line)
    else this.readRow(line, this.columns)
  }

  private matchLine(line: string): void {
    let reason = 'unmatched'
    for (const matcher of this.matchers) {
      const result = matcher.match(line)
      if (typeof result !== 'string') return this.state(matcher.what, result)
      if (result !== 'unmatched') reason = result
    }
    if (reason === 'unmatched') this.pass(reason)
    else this.refuse(reason)
  }

  private readHeader(given: string): void {
    const line = given.replace(/^\u00ef\u00bb\u00bf/, '')
    this.separator = separatorOf(line)
    const columns = new Columns((csvValues(line, this.separator) ?? []).map((name) => name.trim()))
    const { time, user, ip, mac } = this.map
    const told = columns.has(ip) || columns.has(mac)
    if (columns.has(time) && told && (columns.has(user) || columns.has(mac))) this.columns = columns
    else this.refuse('header-unknown')
  }

  private readRow(line: string, columns: Columns): void {
    const values = csvValues(line, this.separator)
    if (values?.length !== columns.width) return this.refuse('malformed')
    columns.row(values)
    const time = columns.get(this.map.time).trim()
    const reason = this.clock.read(time, 0)
    if (reason !== undefined) return this.refuse(reason)
    if (this.clock.end !== time.length) return this.refuse('time-invalid')
    const captured: Captured = {}
    for (const name of ['user', 'ip', 'mac', 'session', 'nas', 'station'] as const) {
      const value = columns.get(this.map[name]).trim()
      if (value !== '') captured[name] = value
    }
    this.state(actions[columns.get(this.map.action).trim().toLowerCase()] ?? 'alive', captured)
  }

  private state(what: 'start' | 'alive' | 'end', captured: Captured): void {
    const { user, session, nas, station } = captured
    const prefix = captured.ip === undefined ? undefined : hostPrefix(captured.ip)
    const mac = captured.mac === undefined ? undefined : normaliseMac(captured.mac)
    if (captured.ip !== undefined && prefix === undefined) return this.refuse('bad-address')
    if (captured.mac !== undefined && mac === undefined) return this.refuse('bad-mac')
    if (prefix === undefined && mac === undefined) return this.refuse('address-missing')
    if (user === undefined && mac === undefined) return this.refuse('user-missing')
    const event: IdentityEvent = {
      what,
      kind: 'login',
      ...timed(what, this.clock),
      key: `${captured.ip ?? mac ?? ''}|${sourceText(user ?? mac ?? '')}`,
      device: mac === undefined ? {} : { mac },
      ...(prefix === undefined ? {} : { prefix }),
      ...(user === undefined ? {} : { user: sourceText(user) }),
      ...(session === undefined ? {} : { session: sourceText(session) }),
      ...(nas === undefined ? {} : { nas: sourceText(nas) }),
      ...(station === undefined ? {} : { station: sourceText(station) }),
      record: this.record,
    }
    this.emit(event)
  }
}
