import { keepIf } from './dialect.ts'
import type { NatDialect, Outcome } from './dialect.ts'
import { hasPorts, isV6, sessionEvent } from './event-writer.ts'
import type { EventStep, EventWriter } from './event-writer.ts'
import type { LineCursor } from './line-cursor.ts'

/**
 * ulogd2 with NFCT and the SYSLOG or LOGEMU output (`PRINTFLOW`), the usual NAT log of a Linux
 * gateway:
 *
 * ```
 * [NEW] ORIG: SRC=A DST=R PROTO=TCP SPT=P DPT=P PKTS=0 BYTES=0 ,
 *   REPLY: SRC=R DST=B PROTO=TCP SPT=P DPT=P PKTS=0 BYTES=0
 * [DESTROY] ORIG: (the same)
 * ```
 */
export const ulogd: NatDialect = (line, out) => {
  if (line.mark('[NEW] ORIG: ')) return flow(line, out, 'begin')
  if (line.mark('[DESTROY] ORIG: ')) return flow(line, out, 'end')
  return line.mark('[UPDATE] ORIG: ') ? 'passed' : 'other'
}

function flow(line: LineCursor, out: EventWriter, step: EventStep): Outcome {
  if (!out.begin(sessionEvent(step))) return 'malformed'
  if (!direction(line, out, 'inside', 'remote')) return 'malformed'
  if (isV6(line)) out.columns.natEvent[out.batch.length] = sessionEvent(step, true)
  if (step === 'end') traffic(line, out, 'packets', 'octets')
  if (!line.find('REPLY: ') || !direction(line, out, 'remoteAfter', 'outside')) return 'malformed'
  if (step === 'end') traffic(line, out, 'reversePackets', 'reverseOctets')
  return keepIf(true, out)
}

/** One tuple: `SRC=A DST=R PROTO=TCP SPT=P DPT=P`; other protocols have no ports. */
function direction(
  line: LineCursor,
  out: EventWriter,
  from: 'inside' | 'remoteAfter',
  to: 'remote' | 'outside'
): boolean {
  if (!line.skip('SRC=') || !line.readAddress()) return false
  const source = line.words.slice()
  if (!line.skip(' DST=') || !line.readAddress()) return false
  const destination = line.words.slice()
  if (!line.skip(' PROTO=') || !line.readProtocol()) return false
  out.columns.protocolIdentifier[out.batch.length] = line.number
  let [sourcePort, destinationPort] = [0, 0]
  if (line.skip(' SPT=')) {
    if (!line.readPort()) return false
    sourcePort = line.port
    if (!line.skip(' DPT=') || !line.readPort()) return false
    destinationPort = line.port
  } else if (hasPorts(line.number)) return false
  line.words.set(source)
  line.port = sourcePort
  out.end(from, line)
  line.words.set(destination)
  line.port = destinationPort
  out.end(to, line)
  return true
}

function traffic(
  line: LineCursor,
  out: EventWriter,
  packets: 'packets' | 'reversePackets',
  octets: 'octets' | 'reverseOctets'
): void {
  if (line.find(' PKTS=') && line.readNumber()) out.counter(packets, line.number)
  if (line.skip(' BYTES=') && line.readNumber()) out.counter(octets, line.number)
}
