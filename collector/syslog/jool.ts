import { keepIf } from './dialect.ts'
import type { NatDialect, Outcome } from './dialect.ts'
import { bindingEvent, sessionEvent } from './event-writer.ts'
import type { EventWriter } from './event-writer.ts'
import type { LineCursor } from './line-cursor.ts'

/**
 * Jool's NAT64 (`logging-bib`, `logging-session`), from the kernel's log. It names the instance,
 * and its own time in GMT, to the second:
 *
 * ```
 * Jool: alpha 2015/4/8 16:13:2 (GMT) - Mapped A#P to B#P (UDP)              (Forgot)
 * Jool: alpha 2015/4/8 16:13:2 (GMT) - Added session A#P|R6#P|B#P|R4#P|UDP  (Forgot session)
 * ```
 * In a session the far end stands as the inside sees it (R6) and as the world does (R4).
 */
export const jool: NatDialect = (line, out) => {
  if (!line.mark(' (GMT) - ')) return 'other'
  const written = timeBefore(line)
  if (line.skip('Mapped ')) return binding(line, out, 'begin', written)
  if (line.skip('Added session ')) return session(line, out, 'begin', written)
  if (line.skip('Forgot session ')) return session(line, out, 'end', written)
  if (line.skip('Forgot ')) return binding(line, out, 'end', written)
  return 'other'
}

/** `2015/4/8 16:13:2`, without leading zeros; undefined where it is no time. */
function timeBefore(line: LineCursor): number | undefined {
  const text = line.text.slice(line.start, line.at)
  const match = /(\d{4})\/(\d{1,2})\/(\d{1,2}) (\d{1,2}):(\d{1,2}):(\d{1,2}) \(GMT\) - $/.exec(text)
  if (match === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map(Number)
  const ms = Date.UTC(year, month - 1, day, hour, minute, second)
  const date = new Date(ms)
  const isDay = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  const isReal = isDay && year >= 1990 && year <= 2100
  return isReal && hour < 24 && minute < 60 && second < 61 ? ms * 1000 : undefined
}

function begin(out: EventWriter, event: number, writtenUs: number | undefined): boolean {
  if (!out.begin(event)) return false
  if (writtenUs !== undefined) out.times(writtenUs, writtenUs + 999_999)
  return true
}

function binding(
  line: LineCursor,
  out: EventWriter,
  step: 'begin' | 'end',
  writtenUs: number | undefined
): Outcome {
  if (!begin(out, bindingEvent(step, true), writtenUs)) return 'malformed'
  if (!line.readEndpoint('#')) return 'malformed'
  out.end('inside', line)
  if (!line.skip(' to ') || !line.readEndpoint('#')) return 'malformed'
  out.end('outside', line)
  if (!line.skip(' (') || !line.readProtocol() || !line.skip(')')) return 'malformed'
  out.columns.protocolIdentifier[out.batch.length] = line.number
  return keepIf(true, out)
}

function session(
  line: LineCursor,
  out: EventWriter,
  step: 'begin' | 'end',
  writtenUs: number | undefined
): Outcome {
  if (!begin(out, sessionEvent(step, true), writtenUs)) return 'malformed'
  for (const end of ['inside', 'remote', 'outside', 'remoteAfter'] as const) {
    if (!line.readEndpoint('#') || !line.skip('|')) return 'malformed'
    out.end(end, line)
  }
  if (!line.readProtocol()) return 'malformed'
  out.columns.protocolIdentifier[out.batch.length] = line.number
  return keepIf(true, out)
}
