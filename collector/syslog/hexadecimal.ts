import { isPrivate } from '../../model/nat-view.ts'
import type { NatDialect } from './dialect.ts'
import type { EventWriter } from './event-writer.ts'
import { LineCursor } from './line-cursor.ts'

/** `0a000005:c738`: an address and a port, in network order. */
const endpoint = /\b([\da-fA-F]{8}):([\da-fA-F]{1,4})\b/g

/**
 * Reads lines of a vendor who can write addresses and ports hexadecimal, and otherwise the same. No
 * sample of a vendor says in which order the octets stand, so a line is believed only if each of
 * its inside addresses is a private one: turned round it would hardly be.
 *
 * @param mark what lines of this vendor have, so that those of others cost nothing
 */
export function orHexadecimal(mark: RegExp, dialect: NatDialect): NatDialect {
  const cursor = new LineCursor()
  return (line, out) => {
    const first = out.batch.length
    const outcome = dialect(line, out)
    if (outcome === 'taken' || outcome === 'passed' || !mark.test(line.text)) return outcome
    const decimal = decimalOf(line.text, line.start)
    if (decimal === line.text) return outcome
    out.forgetLine()
    cursor.begin(decimal, line.start)
    const read = dialect(cursor, out)
    return read === 'taken' && !allPrivate(out, first) ? 'malformed' : read
  }
}

function decimalOf(text: string, start: number): string {
  const message = text.slice(start).replaceAll(endpoint, (_, address: string, port: string) => {
    const octets = [0, 2, 4, 6].map((at) => Number.parseInt(address.slice(at, at + 2), 16))
    return `${octets.join('.')}:${Number.parseInt(port, 16)}`
  })
  return text.slice(0, start) + message
}

function allPrivate({ columns, batch }: EventWriter, first: number): boolean {
  for (let row = first; row < batch.length; row++) {
    if (!isPrivate(columns.sourceAddress, 4 * row)) return false
  }
  return true
}
