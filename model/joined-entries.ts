import type { AddressWords } from './address.ts'
import type { ConntrackEntry, Tuple } from './conntrack-entry.ts'

/*
 * Entries on their way back from the thread that follows conntrack, a number each:
 *
 *   0 serial  1 IP protocol  2 zone  3 id  4 mark  5 start, us since 1970
 *   6 original tuple  16 reply tuple: source address and port, destination address and port
 */
const entryNumbers = 26

/** The answer to verdicts: the entries that they were joined to, and those that found none. */
export interface JoinedMessage {
  readonly entries: Float64Array<ArrayBuffer>
  /** Serials of verdicts that no entry was found for. */
  readonly unjoined: readonly number[]
}

/** Gathers entries into messages. */
export class JoinedEntries {
  private readonly numbers: number[] = []
  private readonly unjoined: number[] = []

  get isEmpty(): boolean {
    return this.numbers.length + this.unjoined.length === 0
  }

  add(serial: number, entry: ConntrackEntry): void {
    const { ipProtocol, zone, id, mark, startUs, original, reply } = entry
    this.numbers.push(serial, ipProtocol, zone, id, mark, startUs)
    for (const { source, destination } of [original, reply]) {
      this.numbers.push(...source.address, source.port, ...destination.address, destination.port)
    }
  }

  refuse(serial: number): void {
    this.unjoined.push(serial)
  }

  /** What was gathered; begins anew. */
  take(): JoinedMessage {
    return {
      entries: Float64Array.from(this.numbers.splice(0)),
      unjoined: this.unjoined.splice(0),
    }
  }
}

function tupleAt(numbers: Float64Array, at: number): Tuple {
  const number = (i: number): number => numbers[at + i] ?? 0
  const address = (i: number): AddressWords => [
    number(i),
    number(i + 1),
    number(i + 2),
    number(i + 3),
  ]
  return {
    source: { address: address(0), port: number(4) },
    destination: { address: address(5), port: number(9) },
  }
}

/** Reads the entries of a message, each with the serial of its verdict. */
export function* entriesOf({
  entries,
}: JoinedMessage): Generator<readonly [serial: number, entry: ConntrackEntry]> {
  for (let at = 0; at + entryNumbers <= entries.length; at += entryNumbers) {
    const number = (i: number): number => entries[at + i] ?? 0
    const entry = {
      ipProtocol: number(1),
      zone: number(2),
      id: number(3),
      mark: number(4),
      startUs: number(5),
      original: tupleAt(entries, at + 6),
      reply: tupleAt(entries, at + 16),
    }
    yield [number(0), entry]
  }
}
