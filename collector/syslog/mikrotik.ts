import { natEvents } from '../../model/nat-events.ts'
import { keepIf } from './dialect.ts'
import type { NatDialect, Outcome } from './dialect.ts'
import { hasPorts } from './event-writer.ts'
import type { EventWriter } from './event-writer.ts'
import type { LineCursor } from './line-cursor.ts'

/**
 * MikroTik RouterOS, a rule with `log=yes` ("Firewall logging"). A line is a packet: it shows that
 * the translation was there, not when it began or ended; `connection-state:new` is the first one.
 *
 * ```
 * srcnat: in:bridge out:ether1, connection-state:new proto TCP (SYN), A:P->R:P,
 *   NAT (A:P->B:P)->R:P, len 60
 * forward: ... connection-state:established,dnat proto TCP (ACK), R:P->B:P,
 *   NAT R:P->(B:P->A:P), len 52
 * ```
 */
export const mikrotik: NatDialect = (line, out) => {
  if (!line.mark(' in:') || !line.find(' out:') || !line.find(' proto ')) return 'other'
  if (!line.readProtocol() || !out.begin(natEvents.none, line.number)) return 'malformed'
  const needsPort = hasPorts(line.number)
  const isNew = line.text.includes('connection-state:new', line.start)
  if (!isNew) out.startUnknown()
  // ICMP: `proto ICMP (type 8, code 0), A->R, NAT (A->B)->R`.
  if (line.find(', NAT ')) return translated(line, out, needsPort)
  return 'passed'
}

function translated(line: LineCursor, out: EventWriter, needsPort: boolean): Outcome {
  const end = (from: LineCursor): boolean => {
    if (!from.readAddress()) return false
    from.port = 0
    return from.skip(':') ? from.readPort() : !needsPort
  }
  if (line.skip('(')) {
    if (!end(line)) return 'malformed'
    out.end('inside', line)
    if (!line.skip('->') || !end(line) || !line.skip(')->')) return 'malformed'
    out.end('outside', line)
    if (!end(line)) return 'malformed'
    out.end('remote', line)
    return keepIf(true, out)
  }
  // The destination was translated: who called is the source, on both sides the same.
  if (!end(line)) return 'malformed'
  out.end('inside', line)
  out.end('outside', line)
  if (!line.skip('->(') || !end(line)) return 'malformed'
  out.end('remote', line)
  if (!line.skip('->') || !end(line) || !line.skip(')')) return 'malformed'
  out.end('remoteAfter', line)
  return keepIf(true, out)
}
