import { natEvents } from '../../model/nat-events.ts'
import { keepIf } from './dialect.ts'
import type { NatDialect, Outcome } from './dialect.ts'
import { bindingEvent, isV6, sessionEvent } from './event-writer.ts'
import type { EventStep, EventWriter } from './event-writer.ts'
import type { LineCursor } from './line-cursor.ts'

/**
 * Cisco IOS and IOS-XE ("ip nat log translations syslog"). Ends are inside local, inside global,
 * outside local, outside global; IOS-XE adds the VRF's number:
 *
 * ```
 * %IPNAT-6-CREATED: tcp A:P B:P R:P R:P                              (%IPNAT-6-DELETED)
 * %NAT-6-LOG_TRANSLATION: Created Translation UDP A:P B:P R:P R:P 0  (Deleted)
 * %NAT-4-ADDR_ALLOC_FAILURE, %IPNAT-4-ADDR_ALLOC_FAILURE: ... pool P may be exhausted
 * ```
 */
export const ciscoIos: NatDialect = (line, out) => {
  if (line.mark('%IPNAT-6-')) {
    const step = line.skip('CREATED: ') ? 'begin' : line.skip('DELETED: ') ? 'end' : undefined
    return step === undefined ? 'other' : translation(line, out, step)
  }
  if (line.mark('%NAT-6-LOG_TRANSLATION: ')) {
    const step = line.skip('Created ') ? 'begin' : line.skip('Deleted ') ? 'end' : undefined
    if (step === undefined || !line.skip('Translation ')) return 'malformed'
    return translation(line, out, step)
  }
  if (line.mark('NAT-4-ADDR_ALLOC_FAILURE')) return exhausted(line, out)
  return 'other'
}

function translation(line: LineCursor, out: EventWriter, step: EventStep): Outcome {
  if (!line.readProtocol() || !line.skip(' ') || !out.begin(0, line.number)) return 'malformed'
  if (!line.readEndpoint()) return 'malformed'
  out.end('inside', line)
  const v6 = isV6(line)
  if (!line.skip(' ') || !line.readEndpoint()) return 'malformed'
  out.end('outside', line)
  const hasRemote = line.skip(' ') && line.readEndpoint()
  if (hasRemote) {
    out.end('remote', line)
    if (!line.skip(' ') || !line.readEndpoint()) return 'malformed'
    out.end('remoteAfter', line)
    if (line.skip(' ') && line.readNumber() && line.number <= 0xffffffff) {
      out.set('ingressVrfId', line.number)
    }
  }
  const event = hasRemote ? sessionEvent(step, v6) : bindingEvent(step, v6)
  out.columns.natEvent[out.batch.length] = event
  return keepIf(true, out)
}

function exhausted(line: LineCursor, out: EventWriter): Outcome {
  if (!out.begin(natEvents.addressesExhausted)) return 'malformed'
  if (line.find(' pool ') && line.readWord()) out.text('natPoolName', line.word)
  return keepIf(true, out)
}
