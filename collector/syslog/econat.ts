import type { NatDialect, Outcome } from './dialect.ts'
import { sessionEvent } from './event-writer.ts'
import type { EventWriter } from './event-writer.ts'
import { orHexadecimal } from './hexadecimal.ts'
import type { LineCursor } from './line-cursor.ts'

/**
 * RDP EcoNAT with `log_format syslog`, `pack_msgs on`: many sessions a line. With `use_hex_format
 * on` addresses and ports are hexadecimal.
 * The first letter is A for allocated, F for freed; the second, E or I, who opened it: the customer
 * (egress) or somebody outside (ingress).
 *
 * ```
 * R:P A B:P E A:P TCP  R:P F B:P E A:P UDP  ...
 * ```
 */
export const econat: NatDialect = orHexadecimal(/:[\da-fA-F]{1,4} [AF] /, (line, out) => {
  if (!toFirst(line)) return 'other'
  let read = session(line, out)
  if (read === 'other') return 'other'
  while (read === 'taken') {
    line.blanks()
    if (line.isAtEnd()) return 'taken'
    read = session(line, out)
  }
  return read === 'other' ? 'malformed' : read
})

/** Goes to the first `R:P A ` or `R:P F `, which a word of the sender may stand before. */
function toFirst(line: LineCursor): boolean {
  for (let word = 0; word < 3; word++) {
    line.blanks()
    const at = line.at
    if (line.readEndpoint() && / [AF] /.test(line.text.slice(line.at, line.at + 3))) {
      line.at = at
      return true
    }
    if (!line.readWord()) return false
  }
  return false
}

function session(line: LineCursor, out: EventWriter): Outcome {
  if (!line.readEndpoint() || !line.skip(' ')) return 'other'
  const step = line.skip('A ') ? 'begin' : line.skip('F ') ? 'end' : undefined
  if (step === undefined) return 'other'
  if (!out.begin(sessionEvent(step))) return 'malformed'
  out.end('remote', line)
  if (!line.readEndpoint() || !line.skip(' ')) return 'malformed'
  out.end('outside', line)
  if ((!line.skip('E ') && !line.skip('I ')) || !line.readEndpoint()) return 'malformed'
  out.end('inside', line)
  if (!line.blanks().readProtocol()) return 'malformed'
  out.columns.protocolIdentifier[out.batch.length] = line.number
  out.keep()
  return 'taken'
}
