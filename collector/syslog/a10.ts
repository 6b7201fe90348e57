import { keepIf } from './dialect.ts'
import type { NatDialect, Outcome } from './dialect.ts'
import { bindingEvent, blockEvent, isV6, sessionEvent } from './event-writer.ts'
import type { EventStep, EventWriter } from './event-writer.ts'
import { orHexadecimal } from './hexadecimal.ts'
import type { LineCursor } from './line-cursor.ts'

/**
 * A10 Thunder CGN ("Traffic Logging Guide for IPv6 Migration"), ASCII and CEF. The letter is C or N
 * for what was made, F, D or R for what was freed:
 *
 * ```
 * NAT-TCP-C: A:P -> B:P [to R:P]
 * NAT-TCP-C: A:P<->R:P, R:P<-->B:P          sessions: the forward and the reverse direction
 * NAT-TCP-B: A -> B:1024-1151               a batch of ports
 * FIXED-NAT-PORTS A->B:3000-4000            what fixed NAT gives to whom
 * CEF:0|A10|CFW|6.0.0|CGN 100|Nat Port Allocated|5|proto=TCP src=A spt=P
 *   sourceTranslatedAddress=B sourceTranslatedPort=P dst=R dpt=P      (CGN 101, Nat Port Freed)
 * CEF:0|A10|CFW|6.0.0|CGN 106|Nat Port Batch Pool Allocated|5|proto=UDP src=A
 *   sourceTranslatedAddress=B sourceTranslatedPort=FIRST cn3=LAST cn3Label=Last Nat Port    (107)
 * ```
 */
export const a10: NatDialect = orHexadecimal(/NAT-[A-Z]+-[A-Z]: /, (line, out) => {
  if (line.mark('NAT-TCP-')) return ascii(line, out, 6)
  if (line.mark('NAT-UDP-')) return ascii(line, out, 17)
  if (line.mark('NAT-ICMP-')) return ascii(line, out, 1)
  if (line.mark('FIXED-NAT-PORTS')) return fixed(line, out)
  if (line.mark('CEF:0|A10|')) return cef(line, out)
  return 'other'
})

const steps: Readonly<Record<string, EventStep>> = {
  C: 'begin',
  N: 'begin',
  B: 'begin',
  F: 'end',
  D: 'end',
  R: 'end',
}

function ascii(line: LineCursor, out: EventWriter, protocol: number): Outcome {
  const step = steps[line.text.charAt(line.at)]
  line.at++
  if (step === undefined) return 'other'
  if (!line.skip(':')) return 'malformed'
  line.blanks()
  if (!line.readAddress()) return 'malformed'
  if (!out.begin(bindingEvent(step, isV6(line)), protocol)) return 'malformed'
  if (!line.skip(':')) return batch(line, out, step)
  if (!line.readPort()) return 'malformed'
  out.end('inside', line)
  if (line.skip('<->')) return session(line, out, step)
  line.blanks()
  if (!line.skip('->') || !line.blanks().readAddress() || !line.skip(':')) return 'malformed'
  if (!line.blanks().readPort()) return 'malformed'
  out.end('outside', line)
  const hasRemote = line.skip(' to ')
  if (hasRemote && !line.readEndpoint()) return 'malformed'
  if (hasRemote) {
    out.end('remote', line)
    setSession(out, step)
  }
  return keepIf(true, out)
}

function setSession({ columns, batch: { length } }: EventWriter, step: EventStep): void {
  columns.natEvent[length] = sessionEvent(step, columns.sourceAddress[4 * length + 2] !== 0xffff)
}

function session(line: LineCursor, out: EventWriter, step: EventStep): Outcome {
  if (!line.readEndpoint()) return 'malformed'
  out.end('remote', line)
  if (!line.skip(',') || !line.blanks().readEndpoint()) return 'malformed'
  out.end('remoteAfter', line)
  if (!line.skip('<-->') || !line.readEndpoint()) return 'malformed'
  out.end('outside', line)
  setSession(out, step)
  return keepIf(true, out)
}

/** Behind the inside address: ` -> B:1024-1151`. */
function batch(line: LineCursor, out: EventWriter, step: EventStep): Outcome {
  out.columns.natEvent[out.batch.length] = blockEvent(step)
  out.end('inside', line, false)
  line.blanks()
  if (!line.skip('->') || !line.blanks().readAddress()) return 'malformed'
  out.end('outside', line, false)
  if (!line.skip(':') || !line.readRange()) return 'malformed'
  out.ports(line.number, line.port)
  return keepIf(true, out)
}

function fixed(line: LineCursor, out: EventWriter): Outcome {
  line.skip(':')
  if (!line.blanks().readAddress() || !out.begin(blockEvent('begin'))) return 'malformed'
  // It says what is so, not that it began now.
  out.startUnknown()
  return batch(line, out, 'begin')
}

function cef(line: LineCursor, out: EventWriter): Outcome {
  for (let field = 0; field < 3; field++) if (!line.find('|')) return 'malformed'
  if (!line.readUntil('|')) return 'malformed'
  const step = line.word.endsWith(' Allocated')
    ? 'begin'
    : line.word.endsWith(' Freed')
      ? 'end'
      : ''
  if (step === '') return 'other'
  const isBatch = line.word.includes(' Batch ')
  const value = (key: string): boolean => {
    line.at = line.start
    return line.find(` ${key}=`) || line.find(`|${key}=`)
  }
  if (!value('proto') || !line.readProtocol() || !out.begin(0, line.number)) return 'malformed'
  const port = (key: string): boolean => value(key) && line.readPort()
  const address = (key: string): boolean => value(key) && line.readAddress()
  if (isBatch) {
    out.columns.natEvent[out.batch.length] = blockEvent(step)
    return cefBatch(out, line, port, address)
  }
  if (!port('spt') || !address('src')) return 'malformed'
  out.end('inside', line)
  const v6 = isV6(line)
  if (!port('sourceTranslatedPort') || !address('sourceTranslatedAddress')) return 'malformed'
  out.end('outside', line)
  const hasRemote = port('dpt') && address('dst')
  if (hasRemote) out.end('remote', line)
  if (value('suser') && line.readWord()) out.text('userName', line.word)
  out.columns.natEvent[out.batch.length] = hasRemote
    ? sessionEvent(step, v6)
    : bindingEvent(step, v6)
  return keepIf(true, out)
}

type ReadValue = (key: string) => boolean

function cefBatch(
  out: EventWriter,
  line: LineCursor,
  port: ReadValue,
  address: ReadValue
): Outcome {
  if (!address('src')) return 'malformed'
  out.end('inside', line, false)
  if (!address('sourceTranslatedAddress')) return 'malformed'
  out.end('outside', line, false)
  if (!port('sourceTranslatedPort')) return 'malformed'
  const first = line.port
  if (!port('cn3') || line.port < first) return 'malformed'
  out.ports(first, line.port)
  return keepIf(true, out)
}
