import type { Columns } from './flow-batch.ts'
import { Packet } from './packet.ts'

/*
 * Connections that are over, on their way from the thread that follows conntrack to the one that
 * classifies; ends as they are at the forward hook:
 *
 *   word 0  IP protocol                            2  address of the source
 *        1  source port | destination port << 16   6  address of the destination
 *       10  end, us since 1970, f64
 */
const endedWords = 12

/** Connections that are over. */
export interface EndedMessage {
  readonly ended: Int32Array<ArrayBuffer>
}

/** Gathers ends into messages. */
export class EndedFlows {
  count = 0
  private words = new Int32Array(256 * endedWords)

  /** Takes the connection of a row of conntrack. */
  add(columns: Columns, row: number, endUs: number): void {
    const base = this.count++ * endedWords
    if (base + endedWords > this.words.length) this.grow()
    const { words } = this
    const ports = columns.postNaptDestinationTransportPort[row] ?? 0
    words[base] = columns.protocolIdentifier[row] ?? 0
    words[base + 1] = (columns.sourceTransportPort[row] ?? 0) | (ports << 16)
    for (let word = 0; word < 4; word++) {
      words[base + 2 + word] = columns.sourceAddress[4 * row + word] ?? 0
      words[base + 6 + word] = columns.postNatDestinationAddress[4 * row + word] ?? 0
    }
    new Float64Array(words.buffer, 4 * (base + 10), 1)[0] = endUs
  }

  /** What was gathered, as a message whose words can be transferred; begins anew. */
  take(): EndedMessage {
    const ended = this.words.slice(0, this.count * endedWords)
    this.count = 0
    return { ended }
  }

  private grow(): void {
    const larger = new Int32Array(2 * this.words.length)
    larger.set(this.words)
    this.words = larger
  }
}

/** Connections that a message tells of. */
export function endsIn({ ended }: EndedMessage): number {
  return ended.length / endedWords
}

/**
 * Reads a message: for each connection a packet of it, whose time is that of its end. The same
 * object is filled again for the next.
 */
export function* lastPacketsOf({ ended }: EndedMessage): Generator<Packet> {
  const packet = new Packet()
  const ends = new Float64Array(ended.buffer)
  for (let base = 0; base + endedWords <= ended.length; base += endedWords) {
    const word = (at: number): number => (ended[base + at] ?? 0) >>> 0
    packet.protocol = word(0)
    packet.sourcePort = word(1) & 0xffff
    packet.destinationPort = word(1) >>> 16
    packet.source0 = word(2)
    packet.source1 = word(3)
    packet.source2 = word(4)
    packet.source3 = word(5)
    packet.destination0 = word(6)
    packet.destination1 = word(7)
    packet.destination2 = word(8)
    packet.destination3 = word(9)
    packet.timeUs = ends[(base + 10) / 2] ?? 0
    yield packet
  }
}
