import { natEvents } from '../../model/nat-events.ts'
import { keepIf } from './dialect.ts'
import type { NatDialect } from './dialect.ts'
import type { LineCursor } from './line-cursor.ts'

/**
 * natlog(1): a line for each connection that has ended, with both its times in seconds and
 * microseconds since 1970.
 *
 * ```
 * natlog: from 1338990672:55588 thru 1338990747:807100 (UTC): tcp A:P (via: B:P) to R:P;
 *   sent: 802, received: 7669
 * ```
 */
export const natlog: NatDialect = (line, out) => {
  if (!line.mark('from ') || !/natlog/i.test(line.text.slice(0, line.at))) return 'other'
  const fromUs = time(line)
  if (fromUs === undefined || !line.skip(' thru ')) return 'malformed'
  const toUs = time(line)
  if (toUs === undefined || toUs < fromUs || !line.find(': ')) return 'malformed'
  if (!line.readProtocol() || !line.skip(' ')) return 'malformed'
  if (!out.begin(natEvents.none, line.number) || !line.readEndpoint()) return 'malformed'
  out.times(fromUs, toUs)
  out.startedAt(fromUs)
  out.end('inside', line)
  if (!line.skip(' (via') || !line.find(' ') || !line.readEndpoint()) return 'malformed'
  out.end('outside', line)
  if (!line.skip(')') || !line.find(' to ')) return 'malformed'
  // Its manual page shows the word twice.
  line.skip('to ')
  if (!line.readEndpoint()) return 'malformed'
  out.end('remote', line)
  if (line.find('sent: ') && line.readNumber()) out.counter('octets', line.number)
  if (line.find('received: ') && line.readNumber()) out.counter('reverseOctets', line.number)
  return keepIf(true, out)
}

function time(line: LineCursor): number | undefined {
  if (!line.readNumber() || line.number < 631_152_000 || line.number > 4_133_980_800) {
    return undefined
  }
  const seconds = line.number
  if (!line.skip(':') || !line.readNumber() || line.number >= 1e6) return undefined
  return seconds * 1e6 + line.number
}
