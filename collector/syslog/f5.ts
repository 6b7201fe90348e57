import { natEvents } from '../../model/nat-events.ts'
import { keepIf } from './dialect.ts'
import type { NatDialect, Outcome } from './dialect.ts'
import { bindingEvent, blockEvent, isV6, sessionEvent } from './event-writer.ts'
import type { EventStep, EventWriter } from './event-writer.ts'
import type { LineCursor } from './line-cursor.ts'

/**
 * F5 BIG-IP CGNAT ("Using CGNAT Logging and Subscriber Traceability"), as text, with fields in
 * quotes or without, and as name/value pairs (the "Splunk" format):
 *
 * ```
 * LSN_ADD A%0:P TCP B:P R:P                    %0 is the route domain; LSN_INBOUND_ADD alike
 * "LSN_DELETE" "A%0:P" "TCP" "B:P" "R:P"
 * ip_protocol="TCP",lsn_event="LSN_ADD",start="MS",cli="A:P",nat="B:P",dest="R:P"
 * LSN_PB_ALLOCATED A%0 B:1024-1151
 * lsn_event="LSN_PB_ALLOCATED",lsn_client="A",lsn_pb="B:1024-1151"        (LSN_PB_RELEASED)
 * ```
 */
export const f5: NatDialect = (line, out) => {
  if (line.mark('lsn_event="LSN_')) return pairs(line, out)
  if (!line.mark('LSN_')) return 'other'
  if (line.skip('QUOTA_EXCEEDED')) return keepIf(out.begin(natEvents.quotaExceeded), out)
  if (line.skip('ERROR')) return keepIf(out.begin(natEvents.portsExhausted), out)
  if (line.skip('PB_')) return blockText(line, out)
  line.skip('INBOUND_')
  const step = line.skip('ADD') ? 'begin' : line.skip('DELETE') ? 'end' : undefined
  return step === undefined ? 'other' : text(line, out, step)
}

const between = (line: LineCursor): void => {
  while (line.skip('"') || line.skip(' ') || line.skip(','));
}

/** `A%0:P`, or without the route domain, which is left in `line.number`; 0 where there is none. */
function endpoint(line: LineCursor): boolean {
  if (!line.readAddress()) return false
  const domain = routeDomain(line)
  if (domain < 0 || !line.skip(':') || !line.readPort()) return false
  line.number = domain
  return true
}

/** `%3` behind an address; 0 where none is told, -1 where it is none. */
function routeDomain(line: LineCursor): number {
  if (!line.skip('%')) return 0
  return line.readNumber() && line.number <= 0xffff ? line.number : -1
}

/** The route domain of the client is kept as the VRF. */
function client(line: LineCursor, out: EventWriter): boolean {
  if (!endpoint(line)) return false
  if (line.number > 0) out.set('ingressVrfId', line.number)
  out.end('inside', line)
  return true
}

function text(line: LineCursor, out: EventWriter, step: EventStep): Outcome {
  between(line)
  if (!out.begin(bindingEvent(step)) || !client(line, out)) return 'malformed'
  const v6 = isV6(line)
  between(line)
  if (!line.readProtocol()) return 'malformed'
  out.columns.protocolIdentifier[out.batch.length] = line.number
  between(line)
  if (!endpoint(line)) return 'malformed'
  out.end('outside', line)
  between(line)
  const hasRemote = endpoint(line)
  if (hasRemote) out.end('remote', line)
  const event = hasRemote ? sessionEvent(step, v6) : bindingEvent(step, v6)
  out.columns.natEvent[out.batch.length] = event
  return keepIf(true, out)
}

function pairs(line: LineCursor, out: EventWriter): Outcome {
  if (line.skip('PB_')) return block(line, out)
  line.skip('INBOUND_')
  const step = line.skip('ADD"') ? 'begin' : line.skip('DELETE"') ? 'end' : undefined
  if (step === undefined) return 'other'
  const value = (key: string): boolean => {
    line.at = line.start
    return line.find(`,${key}="`) || (line.at === line.start && line.find(`${key}="`))
  }
  if (!value('ip_protocol') || !line.readProtocol()) return 'malformed'
  if (!out.begin(bindingEvent(step), line.number)) return 'malformed'
  if (!value('cli') || !client(line, out)) return 'malformed'
  const v6 = isV6(line)
  if (!value('nat') || !endpoint(line)) return 'malformed'
  out.end('outside', line)
  const hasRemote = value('dest') && endpoint(line)
  if (hasRemote) out.end('remote', line)
  const event = hasRemote ? sessionEvent(step, v6) : bindingEvent(step, v6)
  out.columns.natEvent[out.batch.length] = event
  if (step === 'end' && value('start') && line.readNumber()) out.startedAt(line.number * 1000)
  return keepIf(true, out)
}

const blockStep = (line: LineCursor): EventStep | undefined =>
  line.skip('ALLOCATED') ? 'begin' : line.skip('RELEASED') ? 'end' : undefined

function block(line: LineCursor, out: EventWriter): Outcome {
  const step = blockStep(line)
  if (step === undefined) return 'other'
  if (!line.find('lsn_client="') || !blockClient(line, out, step)) return 'malformed'
  return line.find('lsn_pb="') ? blockPorts(line, out) : 'malformed'
}

function blockText(line: LineCursor, out: EventWriter): Outcome {
  const step = blockStep(line)
  if (step === undefined) return 'other'
  between(line)
  if (!blockClient(line, out, step)) return 'malformed'
  between(line)
  return blockPorts(line, out)
}

function blockClient(line: LineCursor, out: EventWriter, step: EventStep): boolean {
  if (!line.readAddress() || !out.begin(blockEvent(step))) return false
  out.end('inside', line, false)
  const domain = routeDomain(line)
  if (domain > 0) out.set('ingressVrfId', domain)
  return domain >= 0
}

/** `B: 1024-1151`. */
function blockPorts(line: LineCursor, out: EventWriter): Outcome {
  if (!line.readAddress()) return 'malformed'
  out.end('outside', line, false)
  if (routeDomain(line) < 0 || !line.skip(':') || !line.blanks().readRange()) return 'malformed'
  out.ports(line.number, line.port)
  return keepIf(true, out)
}
