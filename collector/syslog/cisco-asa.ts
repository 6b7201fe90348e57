import { natEvents } from '../../model/nat-events.ts'
import { ipProtocol } from '../../model/packet.ts'
import { keepIf } from './dialect.ts'
import type { NatDialect, Outcome } from './dialect.ts'
import { addressEvent, bindingEvent, blockEvent, isV6, sessionEvent } from './event-writer.ts'
import type { EventStep, EventWriter } from './event-writer.ts'
import type { LineCursor } from './line-cursor.ts'

/**
 * Cisco ASA and Firepower ("Cisco ASA Series Syslog Messages"):
 *
 * ```
 * %ASA-6-305011: Built dynamic TCP translation from inside:A/P[(USER)] to outside:B/P
 * %ASA-6-305012: Teardown dynamic TCP translation from inside:A/P to outside:B/P duration H:MM:SS
 * %ASA-6-305009: Built dynamic translation from inside:A to outside:B       (305010: Teardown)
 * %ASA-6-305014: Allocated TCP block of ports for translation from inside:A to outside:B/1024-1535.
 * %ASA-6-305015: Released TCP block of ports for translation from inside:A to outside:B/1024-1535.
 * %ASA-6-302013: Built outbound TCP connection N for outside:R/P (R'/P) to inside:A/P (B/P)
 * %ASA-6-302014: Teardown TCP connection N for outside:R/P to inside:A/P duration H:MM:SS bytes N
 * %ASA-6-302020: Built outbound ICMP connection for faddr R/0 gaddr B/I laddr A/I[(USER)] ...
 * %ASA-6-302021: Teardown ICMP connection for faddr R/0 gaddr B/I laddr A/I ...
 * ```
 * 302015/302016 are the same of UDP. A teardown of TCP and UDP
 * does not tell the translation: it is found by its real ends.
 */
export const ciscoAsa: NatDialect = (line, out) => {
  if (!line.mark('%ASA-') && !line.mark('%FTD-')) return 'other'
  if (!line.readNumber() || !line.skip('-') || !line.readNumber() || !line.skip(': ')) {
    return 'malformed'
  }
  const read = messages.get(line.number)
  return read === undefined ? 'passed' : read(line, out)
}

type Reader = (line: LineCursor, out: EventWriter) => Outcome

const messages: ReadonlyMap<number, Reader> = new Map<number, Reader>([
  [305_011, (line, out) => translation(line, out, 'begin')],
  [305_012, (line, out) => translation(line, out, 'end')],
  [305_009, (line, out) => addressTranslation(line, out, 'begin')],
  [305_010, (line, out) => addressTranslation(line, out, 'end')],
  [305_014, (line, out) => block(line, out, 'begin')],
  [305_015, (line, out) => block(line, out, 'end')],
  [302_013, (line, out) => built(line, out)],
  [302_015, (line, out) => built(line, out)],
  [302_014, (line, out) => teardown(line, out)],
  [302_016, (line, out) => teardown(line, out)],
  [302_020, (line, out) => icmp(line, out, 'begin')],
  [302_021, (line, out) => icmp(line, out, 'end')],
  [202_010, (_, out) => keepIf(out.begin(natEvents.addressesExhausted), out)],
  [305_016, (_, out) => keepIf(out.begin(natEvents.quotaExceeded), out)],
])

/** `inside:10.0.0.5/51000`; names of interfaces have no colon. */
function endpoint(line: LineCursor): boolean {
  return line.find(':') && line.readEndpoint('/')
}

/** `(LOCAL\bob)` or `(bob)` right behind an endpoint. */
function user(line: LineCursor): string | undefined {
  return line.skip('(') && line.readUntil(')') ? line.word : undefined
}

/** `duration 1:02:03`, in seconds; -1 where there is none. */
function duration(line: LineCursor): number {
  if (!line.find(' duration ') || !line.readNumber()) return -1
  let seconds = line.number
  for (let part = 0; part < 2; part++) {
    if (!line.skip(':') || !line.readNumber()) return -1
    seconds = seconds * 60 + line.number
  }
  return seconds
}

function begun(line: LineCursor, out: EventWriter): void {
  const seconds = duration(line)
  if (seconds >= 0) out.startedAt(out.firstUs - seconds * 1e6)
}

function translation(line: LineCursor, out: EventWriter, step: EventStep): Outcome {
  if (!line.find(step === 'begin' ? 'Built ' : 'Teardown ') || !line.readWord()) return 'malformed'
  if (!line.skip(' ') || !line.readProtocol()) return 'malformed'
  const protocol = line.number
  if (!line.find(' from ') || !endpoint(line)) return 'malformed'
  if (!out.begin(bindingEvent(step, isV6(line)), protocol)) return 'malformed'
  out.end('inside', line)
  const name = user(line)
  if (name !== undefined) out.text('userName', name)
  if (!line.find(' to ') || !endpoint(line)) return 'malformed'
  out.end('outside', line)
  if (step === 'end') begun(line, out)
  return keepIf(true, out)
}

function addressTranslation(line: LineCursor, out: EventWriter, step: EventStep): Outcome {
  if (!line.find(' from ') || !line.find(':') || !line.readAddress()) return 'malformed'
  if (!out.begin(addressEvent(step))) return 'malformed'
  out.end('inside', line, false)
  const name = user(line)
  if (name !== undefined) out.text('userName', name)
  if (!line.find(' to ') || !line.find(':') || !line.readAddress()) return 'malformed'
  out.end('outside', line, false)
  if (step === 'end') begun(line, out)
  return keepIf(true, out)
}

function block(line: LineCursor, out: EventWriter, step: EventStep): Outcome {
  if (!line.find(step === 'begin' ? 'Allocated ' : 'Released ')) return 'malformed'
  if (!line.readProtocol()) return 'malformed'
  const protocol = line.number
  if (!line.find(' from ') || !line.find(':') || !line.readAddress()) return 'malformed'
  if (!out.begin(blockEvent(step), protocol)) return 'malformed'
  out.end('inside', line, false)
  if (!line.find(' to ') || !line.find(':') || !line.readAddress()) return 'malformed'
  out.end('outside', line, false)
  if (!line.skip('/') || !line.readRange()) return 'malformed'
  out.ports(line.number, line.port)
  return keepIf(true, out)
}

/** The end of the lower security stands first, then the inside: so do their mapped addresses. */
const ends = [
  ['remote', 'remoteAfter'],
  ['inside', 'outside'],
] as const

/**
 * `for outside:R/P (R'/P) to inside:A/P (B/P)`. Whether it is `inbound` or `outbound`, the inside
 * host is the second, and its public side is what the world sees: both are told alike, since the
 * teardown does not say which it was.
 */
function built(line: LineCursor, out: EventWriter): Outcome {
  if (!line.find('Built ') || !line.find('bound ')) return 'malformed'
  if (!line.readProtocol() || !line.find(' for ') || !out.begin(0, line.number)) return 'malformed'
  for (const [index, [real, mapped]] of ends.entries()) {
    if (index > 0 && !line.find(' to ')) return 'malformed'
    if (!endpoint(line)) return 'malformed'
    out.end(real, line)
    const name = user(line)
    if (name !== undefined) out.text('userName', name)
    if (!line.skip(' (') || !line.readEndpoint('/') || !line.skip(')')) return 'malformed'
    out.end(mapped, line)
  }
  if (line.skip(' (') && line.readUntil(')')) out.text('userName', line.word)
  const { columns, batch } = out
  const v6 = columns.sourceAddress[4 * batch.length + 2] !== 0xffff
  columns.natEvent[batch.length] = sessionEvent('begin', v6)
  return keepIf(true, out)
}

/** A teardown names the real ends, in the same order. */
function teardown(line: LineCursor, out: EventWriter): Outcome {
  if (!line.find('Teardown ') || !line.readProtocol() || !line.find(' for ')) return 'malformed'
  const protocol = line.number
  if (!endpoint(line) || !out.begin(sessionEvent('end'), protocol)) return 'malformed'
  out.end('remote', line)
  if (!line.find(' to ') || !endpoint(line)) return 'malformed'
  out.end('inside', line)
  if (isV6(line)) out.columns.natEvent[out.batch.length] = sessionEvent('end', true)
  begun(line, out)
  if (line.skip(' bytes ') && line.readNumber()) out.counter('octets', line.number)
  return keepIf(true, out)
}

/**
 * The foreign, the global and the local address. The identifier stands at the two of our side where
 * the inside host asks, and at the foreign one where somebody outside does.
 */
function icmp(line: LineCursor, out: EventWriter, step: EventStep): Outcome {
  if (!line.find(' faddr ') || !line.readEndpoint('/')) return 'malformed'
  const { port: asked } = line
  if (!out.begin(sessionEvent(step), ipProtocol.icmp)) return 'malformed'
  line.port = 0
  out.end('remote', line)
  for (const [mark, end] of [
    [' gaddr ', 'outside'],
    [' laddr ', 'inside'],
  ] as const) {
    if (!line.find(mark) || !line.readEndpoint('/')) return 'malformed'
    line.port ||= asked
    out.end(end, line)
  }
  if (isV6(line)) {
    out.columns.natEvent[out.batch.length] = sessionEvent(step, true)
    out.columns.protocolIdentifier[out.batch.length] = ipProtocol.icmp6
  }
  const name = user(line)
  if (name !== undefined) out.text('userName', name)
  return keepIf(true, out)
}
