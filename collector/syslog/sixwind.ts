import { natEvents } from '../../model/nat-events.ts'
import { keepIf } from './dialect.ts'
import type { NatDialect, Outcome } from './dialect.ts'
import { blockEvent, isV6, sessionEvent } from './event-writer.ts'
import type { EventWriter } from './event-writer.ts'
import type { LineCursor } from './line-cursor.ts'

/**
 * 6WIND Virtual Service Router ("Carrier Grade NAT", "Events"):
 *
 * ```
 * fp-cgnat[2484]: NEW CONN: fwd proto 6 A:P -> R:P, back proto 6 R:P --> B:P     (DESTROY CONN)
 * fp-cgnat[4269]: USER A (matching rule 1): NEW BLOCK (pool "p", ip public B, proto 6,
 *   port 1 - 512)                                                               (DESTROY BLOCK)
 * ```
 */
export const sixwind: NatDialect = (line, out) => {
  if (!line.mark('fp-cgnat') || !line.find(': ')) return 'other'
  if (line.skip('NEW CONN: ')) return connection(line, out, 'begin')
  if (line.skip('DESTROY CONN: ')) return connection(line, out, 'end')
  if (line.skip('USER ')) return user(line, out)
  return 'other'
}

function connection(line: LineCursor, out: EventWriter, step: 'begin' | 'end'): Outcome {
  if (!line.skip('fwd proto ') || !line.readNumber() || line.number > 255) return 'malformed'
  const protocol = line.number
  if (!line.blanks().readEndpoint()) return 'malformed'
  if (!out.begin(sessionEvent(step, isV6(line)), protocol)) return 'malformed'
  out.end('inside', line)
  if (!line.skip(' -> ') || !line.readEndpoint()) return 'malformed'
  out.end('remote', line)
  if (!line.find('back proto ') || !line.readNumber() || !line.blanks().readEndpoint()) {
    return 'malformed'
  }
  // A deletion shows the far end's port as it was last; the forward direction is what counts.
  out.end('remoteAfter', line)
  if (!line.skip(' --> ') || !line.readEndpoint()) return 'malformed'
  out.end('outside', line)
  return keepIf(true, out)
}

function user(line: LineCursor, out: EventWriter): Outcome {
  if (!line.readAddress() || !out.begin(natEvents.quotaExceeded)) return 'malformed'
  out.end('inside', line, false)
  const step = line.find(': NEW BLOCK (') ? 'begin' : line.find(': DESTROY BLOCK (') ? 'end' : ''
  if (step === '') {
    const isFull = line.text.includes('NO MORE', line.at) || line.text.includes('FAIL', line.at)
    return isFull ? keepIf(true, out) : 'other'
  }
  out.columns.natEvent[out.batch.length] = blockEvent(step)
  if (!line.skip('pool "') || !line.readUntil('"')) return 'malformed'
  out.text('natPoolName', line.word)
  if (!line.find('ip public ') || !line.readAddress()) return 'malformed'
  out.end('outside', line, false)
  if (!line.find('proto ') || !line.readNumber() || line.number > 255) return 'malformed'
  out.columns.protocolIdentifier[out.batch.length] = line.number
  if (!line.find('port ') || !line.readRange(' - ')) return 'malformed'
  out.ports(line.number, line.port)
  return keepIf(true, out)
}
