import { FlowledgerError } from '../../model/errors.ts'
import { natEvents } from '../../model/nat-events.ts'
import type { NatDialect, Outcome } from './dialect.ts'
import { addressEvent, bindingEvent, blockEvent, isV6, sessionEvent } from './event-writer.ts'
import type { EventStep, EventWriter } from './event-writer.ts'
import type { LineCursor } from './line-cursor.ts'

/** Bounds of a pattern file. */
const maxPatterns = 200
const maxPatternLength = 1000
const maxParts = 60

const placeholders = [
  'inside',
  'inside_port',
  'outside',
  'outside_port',
  'remote',
  'remote_port',
  'protocol',
  'port_start',
  'port_end',
  'vrf',
  'user',
  'pool',
  '*',
] as const

type Placeholder = (typeof placeholders)[number]

/** A piece of a pattern: text that stands there, or something that is read. */
type Part = { readonly literal: string } | { readonly name: Placeholder }

/** What a line that matches says. */
const meanings = ['begin', 'end', 'exhausted', 'quota', 'pass'] as const

type Meaning = (typeof meanings)[number]

function bad(text: string, why: string): FlowledgerError {
  return new FlowledgerError('usage', `The pattern "${text.slice(0, 80)}" ${why}.`, {
    fix: 'See docs/how-to/syslog-nat.md: begin: NAT add {protocol} {inside}:{inside_port} -> ...',
  })
}

function partsOf(text: string): Part[] {
  const parts: Part[] = []
  let rest = text
  while (rest !== '') {
    const open = rest.indexOf('{')
    if (open < 0) {
      parts.push({ literal: rest })
      break
    }
    if (open > 0) parts.push({ literal: rest.slice(0, open) })
    const close = rest.indexOf('}', open)
    const name = placeholders.find((one) => one === rest.slice(open + 1, close))
    if (close < 0 || name === undefined) throw bad(text, 'has braces around what is no placeholder')
    parts.push({ name })
    rest = rest.slice(close + 1)
  }
  return parts
}

/** Free text ends where the text behind it stands first: so something must follow it. */
const isFree = (part: Part | undefined): boolean =>
  part !== undefined && 'name' in part && ['*', 'user', 'pool'].includes(part.name)

function check(text: string, meaning: Meaning, parts: readonly Part[]): void {
  if (parts.length > maxParts) throw bad(text, 'has too many parts')
  const names = parts.flatMap((part) => ('name' in part && part.name !== '*' ? [part.name] : []))
  if (new Set(names).size < names.length) throw bad(text, 'has a placeholder twice')
  for (const [index, part] of parts.entries()) {
    const next = parts[index + 1]
    if (next !== undefined && 'name' in part && 'name' in next) {
      throw bad(text, 'has no text between two placeholders')
    }
  }
  const [first] = parts
  if (first === undefined || isFree(first) || 'name' in first) {
    throw bad(text, 'does not begin with text that tells its lines from others')
  }
  if (meaning !== 'begin' && meaning !== 'end') return
  const has = (name: Placeholder): boolean => names.some((one) => one === name)
  if (!has('inside') || !has('outside')) throw bad(text, 'needs {inside} and {outside}')
  if (has('port_start') !== has('port_end'))
    throw bad(text, 'needs both {port_start} and {port_end}')
}

/** What the names in a pattern make of its lines. */
function eventOf(step: EventStep, names: ReadonlySet<Placeholder>, v6: boolean): number {
  if (names.has('port_start')) return blockEvent(step)
  if (!names.has('outside_port')) return addressEvent(step)
  return names.has('remote') ? sessionEvent(step, v6) : bindingEvent(step, v6)
}

/** Reads each part once, from left to right; nothing is tried twice. */
class PatternDialect {
  readonly #meaning: Meaning
  readonly #parts: readonly Part[]
  readonly #names: ReadonlySet<Placeholder>
  #v6 = false
  #start = 0

  constructor(meaning: Meaning, parts: Part[]) {
    this.#meaning = meaning
    this.#parts = parts
    this.#names = new Set(parts.flatMap((part) => ('name' in part ? [part.name] : [])))
  }

  read(line: LineCursor, out: EventWriter): Outcome {
    const [first, ...rest] = this.#parts
    if (first === undefined || !('literal' in first) || !line.mark(first.literal)) return 'other'
    if (this.#meaning === 'pass') return 'passed'
    if (!out.begin(natEvents.portsExhausted)) return 'malformed'
    const { columns, batch } = out
    for (const [index, part] of rest.entries()) {
      const next = rest[index + 1]
      const read =
        'literal' in part ? line.skip(part.literal) : this.#take(part.name, next, line, out)
      if (!read) return 'other'
    }
    columns.natEvent[batch.length] =
      this.#meaning === 'begin' || this.#meaning === 'end'
        ? eventOf(this.#meaning, this.#names, this.#v6)
        : this.#meaning === 'quota'
          ? natEvents.quotaExceeded
          : natEvents.portsExhausted
    out.keep()
    return 'taken'
  }

  #take(name: Placeholder, next: Part | undefined, line: LineCursor, out: EventWriter): boolean {
    const { columns, batch } = out
    const row = batch.length
    const ports = {
      inside_port: columns.sourceTransportPort,
      outside_port: columns.postNaptSourceTransportPort,
      remote_port: columns.destinationTransportPort,
      port_start: columns.portRangeStart,
      port_end: columns.portRangeEnd,
    }
    if (name === 'inside' || name === 'outside' || name === 'remote') {
      if (!line.readAddress()) return false
      if (name === 'inside') this.#v6 = isV6(line)
      out.end(name, line, false)
      return true
    }
    if (name in ports) {
      if (!line.readPort()) return false
      ports[name as keyof typeof ports][row] = line.port
      return true
    }
    if (name === 'protocol') {
      if (!line.readProtocol()) return false
      columns.protocolIdentifier[row] = line.number
      return true
    }
    if (name === 'vrf') {
      if (!line.readNumber() || line.number > 0xffffffff) return false
      out.set('ingressVrfId', line.number)
      return true
    }
    return this.#takeFree(name, next, line, out)
  }

  #takeFree(
    name: Placeholder,
    next: Part | undefined,
    line: LineCursor,
    out: EventWriter
  ): boolean {
    const stop = next !== undefined && 'literal' in next ? next.literal : undefined
    this.#start = line.at
    const end = stop === undefined ? line.text.length : line.text.indexOf(stop, line.at)
    if (end < 0) return false
    line.at = end
    const text = line.text.slice(this.#start, Math.min(end, this.#start + 253))
    if (name === 'user') out.text('userName', text)
    if (name === 'pool') out.text('natPoolName', text)
    return true
  }
}

/**
 * Reads an operator's patterns, one a line; `#` begins a comment. What stands behind the header is
 * matched, from a text that tells its lines from others; `{*}` is anything up to the text behind
 * it.
 *
 * ```
 * begin: natd add {protocol} {inside}:{inside_port} -> {outside}:{outside_port} for {user}, {*}
 * end: natd del {protocol} {inside}:{inside_port} -> {outside}:{outside_port}
 * begin: natd block {inside} gets {outside} ports {port_start}-{port_end} for {user} in {*}
 * quota: natd limit {inside}
 * pass: natd alive
 * ```
 *
 * @throws FlowledgerError `usage`
 */
export function readPatterns(text: string): NatDialect[] {
  const lines = text
    .split('\n')
    .map((line) => line.replace(/\r$/, ''))
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
  if (lines.length > maxPatterns) throw bad(text, `is one of more than ${maxPatterns}`)
  return lines.map((line) => {
    if (line.length > maxPatternLength) throw bad(line, 'is too long')
    const colon = line.indexOf(':')
    const meaning = meanings.find((one) => one === line.slice(0, colon).trim())
    if (meaning === undefined) throw bad(line, `does not begin with one of ${meanings.join(', ')}`)
    const pattern = line.slice(colon + 1).trimStart()
    const parts = partsOf(Buffer.from(pattern, 'utf8').toString('latin1'))
    check(line, meaning, parts)
    const dialect = new PatternDialect(meaning, parts)
    return (cursor, out) => dialect.read(cursor, out)
  })
}
