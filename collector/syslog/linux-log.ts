import { natEvents } from '../../model/nat-events.ts'
import { keepIf } from './dialect.ts'
import type { NatDialect } from './dialect.ts'
import { hasPorts } from './event-writer.ts'
import type { LineCursor } from './line-cursor.ts'

/**
 * The LOG target of Linux (iptables-extensions(8), nft "log"), and the rules of VyOS that use it
 * (`[NAT-SRC-10-MASQ]`). A line is a packet before its source is translated: it shows the inside
 * end and the far end, and no public one.
 *
 * ```
 * [NAT-SRC-10-MASQ]IN= OUT=eth0 SRC=A DST=R LEN=60 ... PROTO=TCP SPT=P DPT=P ...
 * ... PROTO=ICMP TYPE=8 CODE=0 ID=1234 SEQ=1
 * ```
 */
export const linuxLog: NatDialect = (line, out) => {
  if (!line.mark('IN=') || !line.find(' OUT=')) return 'other'
  if (!line.find(' SRC=') || !line.readAddress()) return 'malformed'
  if (!out.begin(natEvents.none)) return 'malformed'
  out.startUnknown()
  const source = line.words.slice()
  if (!line.find(' DST=') || !line.readAddress()) return 'malformed'
  const destination = line.words.slice()
  if (!line.find(' PROTO=') || !line.readProtocol()) return 'malformed'
  const protocol = line.number
  out.columns.protocolIdentifier[out.batch.length] = protocol
  const from = portAfter(line, hasPorts(protocol) ? ' SPT=' : ' ID=')
  const to = portAfter(line, ' DPT=')
  if (hasPorts(protocol) && (from === undefined || to === undefined)) return 'malformed'
  line.words.set(source)
  line.port = from ?? 0
  out.end('inside', line)
  out.end('outside', line)
  line.port = to ?? 0
  line.words.set(destination)
  out.end('remote', line)
  return keepIf(true, out)
}

function portAfter(line: LineCursor, name: string): number | undefined {
  const before = line.at
  const found = line.find(name) && line.readPort()
  line.at = before
  return found ? line.port : undefined
}
