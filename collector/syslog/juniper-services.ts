import { natEvents } from '../../model/nat-events.ts'
import { keepIf } from './dialect.ts'
import type { NatDialect, Outcome } from './dialect.ts'
import { blockEvent, isV6, sessionEvent } from './event-writer.ts'
import type { EventStep, EventWriter } from './event-writer.ts'
import type { LineCursor } from './line-cursor.ts'

/**
 * Junos on MS-MPC and MS-DPC cards (Juniper, "System Log Explorer": JSERVICES, ASP):
 *
 * ```
 * {SET}[jservices-nat]: JSERVICES_NAT_PORT_BLOCK_ALLOC: A -> B:1024-1151 0x5f3c1a20
 * ... JSERVICES_NAT_PORT_BLOCK_RELEASE: A -> B:1024-1151 0x5f3c1a20
 * ... JSERVICES_NAT_PORT_BLOCK_ACTIVE: A -> B:1024-1151 0x5f3c1a20
 * {SET}[jservices-sfw]: JSERVICES_SESSION_OPEN: application:none, ge-0/0/0.0 A:P [B:P] -> R:P (TCP)
 * ... JSERVICES_SESSION_CLOSE: (the same)
 * {SET}[FWNAT]: ASP_SFW_CREATE_ACCEPT_FLOW: proto 6 (TCP) application: any, ge-0/0/0.0:A:P -> R:P,
 *   creating forward or watch flow ; source address and port translate to B:P
 * ... ASP_SFW_DELETE_FLOW: (the same, "deleting")
 * ```
 * The number behind a block is when it was given, in seconds since 1970.
 */
export const juniperServices: NatDialect = (line, out) => {
  if (!line.mark('JSERVICES_') && !line.mark('ASP_')) return 'other'
  if (line.skip('NAT_PORT_BLOCK_')) return block(line, out)
  if (line.skip('SESSION_OPEN: ')) return session(line, out, 'begin')
  if (line.skip('SESSION_CLOSE: ')) return session(line, out, 'end')
  if (line.skip('SFW_CREATE_ACCEPT_FLOW: ')) return flow(line, out, 'begin')
  if (line.skip('SFW_DELETE_FLOW: ')) return flow(line, out, 'end')
  if (line.skip('NAT_OUTOF_PORTS')) return notice(out, natEvents.portsExhausted)
  if (line.skip('NAT_OUTOF_ADDRESSES')) return notice(out, natEvents.addressesExhausted)
  return 'other'
}

function notice(out: EventWriter, event: number): Outcome {
  return keepIf(out.begin(event), out)
}

function block(line: LineCursor, out: EventWriter): Outcome {
  const isActive = line.skip('ACTIVE: ')
  const step =
    isActive || line.skip('ALLOC: ') ? 'begin' : line.skip('RELEASE: ') ? 'end' : undefined
  if (step === undefined) return 'other'
  if (!line.readAddress() || !out.begin(blockEvent(step))) return 'malformed'
  out.end('inside', line, false)
  if (!line.skip(' -> ') || !line.readAddress()) return 'malformed'
  out.end('outside', line, false)
  if (!line.skip(':') || !line.readRange()) return 'malformed'
  out.ports(line.number, line.port)
  if (isActive) out.startUnknown()
  const given = /^ 0x([0-9a-fA-F]{6,12})\b/.exec(line.text.slice(line.at, line.at + 16))?.[1]
  if (given !== undefined && (isActive || step === 'end')) {
    out.startedAt(Number.parseInt(given, 16) * 1e6)
  }
  return keepIf(true, out)
}

function session(line: LineCursor, out: EventWriter, step: EventStep): Outcome {
  if (!line.skip('application:') || !line.find(', ') || !line.readWord()) return 'malformed'
  if (!line.skip(' ') || !line.readEndpoint()) return 'malformed'
  if (!out.begin(sessionEvent(step, isV6(line)))) return 'malformed'
  out.end('inside', line)
  // Without brackets nothing was translated.
  out.end('outside', line)
  if (line.skip(' [')) {
    if (!line.readEndpoint() || !line.skip(']')) return 'malformed'
    out.end('outside', line)
  }
  if (!line.skip(' -> ') || !line.readEndpoint()) return 'malformed'
  out.end('remote', line)
  if (line.skip(' [') && line.readEndpoint() && line.skip(']')) out.end('remoteAfter', line)
  if (!line.skip(' (') || !line.readProtocol() || !line.skip(')')) return 'malformed'
  out.columns.protocolIdentifier[out.batch.length] = line.number
  return keepIf(true, out)
}

/** A flow of the firewall; it is of the NAT where its source is translated. */
function flow(line: LineCursor, out: EventWriter, step: EventStep): Outcome {
  if (!line.has('; source address ')) return line.has(' translate ') ? 'other' : 'passed'
  if (!line.skip('proto ') || !line.readNumber()) return 'malformed'
  const protocol = line.number
  if (!line.find('application: ') || !line.find(', ')) return 'malformed'
  // Where the interface is gone already, "(null)(null)" stands for it.
  if (!line.skip('(null)(null)') && !line.find(':')) return 'malformed'
  if (!line.readEndpoint() || !out.begin(sessionEvent(step, isV6(line)), protocol)) {
    return 'malformed'
  }
  out.end('inside', line)
  if (!line.skip(' -> ') || !line.readEndpoint()) return 'malformed'
  out.end('remote', line)
  if (!line.find('; source address ') || !line.find(' to ')) return 'malformed'
  if (!line.readEndpoint()) return 'malformed'
  out.end('outside', line)
  return keepIf(true, out)
}
