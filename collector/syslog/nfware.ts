import { keepIf } from './dialect.ts'
import type { NatDialect, Outcome } from './dialect.ts'
import { addressEvent, bindingEvent, blockEvent, isV6, sessionEvent } from './event-writer.ts'
import type { EventWriter } from './event-writer.ts'
import type { LineCursor } from './line-cursor.ts'

/**
 * NFWare vCGNAT ("NAT", "Logging"). A is for what was made, D for what was taken away:
 *
 * ```
 * A VRF 0 INT A EXT B                                  an address
 * A VRF 0 6 INT A:P EXT B:P                            a port; the number is the protocol
 * A VRF 0 6 INT A:P EXT B:P DST R:P DIR OUT            a session
 * A VRF 0 INT A EXT B:1024-1535                        a block of ports
 * ```
 */
export const nfware: NatDialect = (line, out) => {
  if (!line.mark('A VRF ') && !line.mark('D VRF ')) return 'other'
  const letter = line.at - 'A VRF '.length
  const isWhole = letter === line.start || ' \ufeff'.includes(line.text.charAt(letter - 1))
  return isWhole ? mapping(line, out, line.text.charAt(letter) === 'A') : 'other'
}

function mapping(line: LineCursor, out: EventWriter, isBegin: boolean): Outcome {
  const step = isBegin ? 'begin' : 'end'
  if (!line.readNumber() || line.number > 0xffffffff || !line.skip(' ')) return 'malformed'
  const vrf = line.number
  const protocol = line.readNumber() && line.skip(' ') ? line.number : 0
  if (protocol > 255 || !line.skip('INT ') || !line.readAddress()) return 'malformed'
  if (!out.begin(addressEvent(step), protocol)) return 'malformed'
  out.set('ingressVrfId', vrf)
  const v6 = isV6(line)
  const hasPort = line.skip(':')
  if (hasPort && !line.readPort()) return 'malformed'
  out.end('inside', line, hasPort)
  if (!line.skip(' EXT ') || !line.readAddress()) return 'malformed'
  out.end('outside', line, false)
  let event = addressEvent(step)
  if (hasPort) {
    if (!line.skip(':') || !line.readPort()) return 'malformed'
    out.end('outside', line)
    event = bindingEvent(step, v6)
    if (line.skip(' DST ')) {
      if (!line.readEndpoint()) return 'malformed'
      out.end('remote', line)
      event = sessionEvent(step, v6)
    }
  } else if (line.skip(':')) {
    if (!line.readRange()) return 'malformed'
    out.ports(line.number, line.port)
    event = blockEvent(step)
  }
  out.columns.natEvent[out.batch.length] = event
  return keepIf(true, out)
}
