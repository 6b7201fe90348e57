import { natEvents } from '../../model/nat-events.ts'
import { keepIf } from './dialect.ts'
import type { NatDialect, Outcome } from './dialect.ts'
import { blockEvent, isV6, sessionEvent } from './event-writer.ts'
import type { EventStep, EventWriter } from './event-writer.ts'
import type { LineCursor } from './line-cursor.ts'

/**
 * Junos on SRX and MX-SPC3 (Juniper, "System Log Explorer": RT_FLOW, RT_NAT), as text and as
 * structured data:
 *
 * ```
 * RT_FLOW_SESSION_CREATE: session created SRC/P->DST/P [0xTAG] SERVICE NSRC/P->NDST/P [0xTAG]
 *   RULE-TYPE RULE RULE-TYPE RULE PROTOCOL POLICY ZONE ZONE SESSION ...
 * RT_FLOW_SESSION_CLOSE: session closed REASON: (the same) PACKETS(OCTETS) PACKETS(OCTETS) SECONDS
 * RT_FLOW_SESSION_CREATE [junos@2636.1.1.1.2.39 source-address="..." nat-source-address="..." ...]
 * RT_SRC_NAT_PBA_ALLOC: Subscriber A used/maximum [1/4] blocks, allocates port block [1024-1151]
 *   from B in source pool P
 * RT_SRC_NAT_PBA_ALLOC [internal-ip="A" block-port-low="1024" block-port-high="1151"
 *   reflexive-ip="B" nat-pool-name="P" epoch-time-64="624b0492"]
 * ```
 * PBA_INTERIM says again what is held; RELEASE ends it. Alarms and exhaustion are notices.
 */
export const juniper: NatDialect = (line, out) => {
  if (line.mark('RT_FLOW_SESSION_')) return flow(line, out)
  if (line.mark('RT_SRC_NAT_PBA_')) return block(line, out)
  if (line.mark('RT_SRC_NAT_')) return notice(line, out)
  return 'other'
}

function flow(line: LineCursor, out: EventWriter): Outcome {
  const step = line.skip('CREATE') ? 'begin' : line.skip('CLOSE') ? 'end' : undefined
  if (step === undefined) return line.skip('DENY') ? 'passed' : 'other'
  // Only looked for: its pairs are read in the order in which they stand.
  return line.has('nat-source-address="') ? flowPairs(line, out, step) : flowText(line, out, step)
}

/** Address and port of each end in structured data. */
const pairNames = {
  source: ['source-address', 'source-port'],
  destination: ['destination-address', 'destination-port'],
  natSource: ['nat-source-address', 'nat-source-port'],
  natDestination: ['nat-destination-address', 'nat-destination-port'],
} as const

function pairEnd(
  line: LineCursor,
  out: EventWriter,
  [address, port]: readonly [address: string, port: string],
  end: 'inside' | 'remote' | 'outside' | 'remoteAfter'
): boolean {
  if (!line.pairAddress(address) || !line.pairPort(port)) return false
  out.end(end, line)
  return true
}

function flowPairs(line: LineCursor, out: EventWriter, step: EventStep): Outcome {
  if (!line.pairAddress('source-address')) return 'malformed'
  if (!out.begin(sessionEvent(step, isV6(line)))) return 'malformed'
  const read =
    pairEnd(line, out, pairNames.source, 'inside') &&
    pairEnd(line, out, pairNames.destination, 'remote') &&
    pairEnd(line, out, pairNames.natSource, 'outside') &&
    pairEnd(line, out, pairNames.natDestination, 'remoteAfter') &&
    line.pairNumber('protocol-id') &&
    line.number <= 255
  out.columns.protocolIdentifier[out.batch.length] = line.number
  if (step === 'end') trafficPairs(line, out)
  if (line.pair('username') && line.word !== 'N/A') out.text('userName', line.word)
  return keepIf(read, out)
}

/** Between the zones and the user, where it is told at all: what is not there is dear to find. */
function trafficPairs(line: LineCursor, out: EventWriter): void {
  if (line.has('s-from-')) {
    if (line.pairNumber('packets-from-client')) out.counter('packets', line.number)
    if (line.pairNumber('bytes-from-client')) out.counter('octets', line.number)
    if (line.pairNumber('packets-from-server')) out.counter('reversePackets', line.number)
    if (line.pairNumber('bytes-from-server')) out.counter('reverseOctets', line.number)
  }
  if (line.pairNumber('elapsed-time')) out.startedAt(out.firstUs - line.number * 1e6)
}

function flowText(line: LineCursor, out: EventWriter, step: EventStep): Outcome {
  if (!line.find(step === 'begin' ? 'session created ' : 'session closed ')) return 'malformed'
  if (step === 'end' && !line.find(': ')) return 'malformed'
  if (!out.begin(sessionEvent(step))) return 'malformed'
  const read = tuples(line, out) && protocolBehindRules(line)
  if (!read) return 'malformed'
  const { columns, batch } = out
  columns.protocolIdentifier[batch.length] = line.number
  if (columns.sourceAddress[4 * batch.length + 2] !== 0xffff) {
    columns.natEvent[batch.length] = sessionEvent(step, true)
  }
  if (step === 'end') traffic(line, out)
  else textUser(line, out)
  return keepIf(true, out)
}

/** Behind the protocol: ` POLICY ZONE ZONE SESSION USER(ROLES) `; old versions end before it. */
function textUser(line: LineCursor, out: EventWriter): void {
  for (let word = 0; word < 5; word++) if (!line.blanks().readWord()) return
  const name = /^([^()]+)\(/.exec(line.word)?.[1]
  if (name !== undefined && name !== 'N/A' && name !== 'UNKNOWN') out.text('userName', name)
}

/** `SRC/P->DST/P [0x0] SERVICE NSRC/P->NDST/P [0x0] `. */
function tuples(line: LineCursor, out: EventWriter): boolean {
  const pair = (a: 'inside' | 'outside', b: 'remote' | 'remoteAfter'): boolean => {
    if (!line.readEndpoint('/')) return false
    out.end(a, line)
    if (!line.skip('->') || !line.readEndpoint('/')) return false
    out.end(b, line)
    line.blanks()
    if (line.skip('0x') && !line.readWord()) return false
    line.blanks()
    return true
  }
  return (
    pair('inside', 'remote') && line.readWord() && !!line.blanks() && pair('outside', 'remoteAfter')
  )
}

/** Behind the tuples stand one or two words a rule; the protocol is the number after them. */
function protocolBehindRules(line: LineCursor): boolean {
  for (let rule = 0; rule < 2; rule++) {
    if (!line.readWord()) return false
    line.blanks()
    // `source rule NAME`, `N/A N/A`; before Junos 12 the name alone.
    if (line.skip('rule ')) {
      if (!line.readWord()) return false
    } else if (line.word === 'N/A' && line.skip('N/A')) line.word = ''
    line.blanks()
  }
  return line.readNumber() && line.number <= 255 && line.skip(' ')
}

function traffic(line: LineCursor, out: EventWriter): void {
  for (const [packets, octets] of [
    ['packets', 'octets'],
    ['reversePackets', 'reverseOctets'],
  ] as const) {
    const open = line.text.indexOf('(', line.at)
    if (open < 0) return
    line.at = line.text.lastIndexOf(' ', open) + 1
    if (!line.readNumber() || !line.skip('(')) return
    const told = line.number
    if (!line.readNumber() || !line.skip(') ')) return
    out.counter(packets, told)
    out.counter(octets, line.number)
  }
  if (line.readNumber()) out.startedAt(out.firstUs - line.number * 1e6)
}

function block(line: LineCursor, out: EventWriter): Outcome {
  const isInterim = line.skip('INTERIM')
  const step = isInterim || line.skip('ALLOC') ? 'begin' : line.skip('RELEASE') ? 'end' : undefined
  if (step === undefined) return notice(line, out)
  if (!out.begin(blockEvent(step))) return 'malformed'
  if (isInterim) out.startUnknown()
  const read = line.pair('internal-ip') ? blockPairs(line, out, isInterim) : blockText(line, out)
  return keepIf(read, out)
}

function blockPairs(line: LineCursor, out: EventWriter, isInterim: boolean): boolean {
  if (!line.pairAddress('internal-ip')) return false
  out.end('inside', line, false)
  if (!line.pairPort('block-port-low')) return false
  const low = line.port
  if (!line.pairPort('block-port-high') || line.port < low) return false
  out.ports(low, line.port)
  if (!line.pairAddress('reflexive-ip')) return false
  out.end('outside', line, false)
  if (line.pair('nat-pool-name')) out.text('natPoolName', line.word)
  // When the block was given, seconds in hexadecimal: an interim line tells the beginning by it.
  if (isInterim && line.pair('epoch-time-64') && /^[0-9a-fA-F]{6,12}$/.test(line.word)) {
    out.startedAt(Number.parseInt(line.word, 16) * 1e6)
  }
  return true
}

function blockText(line: LineCursor, out: EventWriter): boolean {
  if (!line.find('ubscriber ') || !line.readAddress()) return false
  out.end('inside', line, false)
  if (!line.find('port block [') || !line.readRange() || !line.skip(']')) return false
  out.ports(line.number, line.port)
  if (!line.find(' from ') || !line.readAddress() || !line.skip(' ')) return false
  out.end('outside', line, false)
  if (line.find('source pool ') && line.readWord()) out.text('natPoolName', line.word)
  return true
}

function notice(line: LineCursor, out: EventWriter): Outcome {
  const { text, at } = line
  const isExhausted = text.startsWith('OUTOF_', at)
  const event = text.startsWith('OUTOF_ADDRESS', at)
    ? natEvents.addressesExhausted
    : isExhausted
      ? natEvents.portsExhausted
      : text.includes('ALARM_', at)
        ? natEvents.thresholdReached
        : undefined
  if (event === undefined) return 'other'
  if (!out.begin(event)) return 'malformed'
  if ((line.find('ubscriber ip: ') || line.find('ubscriber IP: ')) && line.readAddress()) {
    out.end('inside', line, false)
  }
  if (line.pair('nat-pool-name')) out.text('natPoolName', line.word)
  else if (line.find('pool: ') && line.readUntil(',')) out.text('natPoolName', line.word)
  return keepIf(true, out)
}
