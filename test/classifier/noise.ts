import type { Classifier } from '../../classifier/classifier.ts'
import { Packet, tcpFlag } from '../../model/packet.ts'

/** A row of numbers below 2^32 that is the same each time (xorshift32). */
export function numbers(seed: number): () => number {
  let state = seed | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}

export function randomOctets(next: () => number, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => next() & 255)
}

/** A flow of noise. */
export interface NoiseFlow {
  readonly isTcp: boolean
  /** Port of the server. */
  readonly port: number
  /** Octets of a payload at least. */
  readonly least: number
  /** What the first payload begins with, as far as it has room. */
  readonly first: (next: () => number) => ArrayLike<number>
}

const client = 0xc0000201
const server = 0xc6336401
const clientPort = 40_000

/** Sends flows of one to six packets of random octets, by either side, one after the other. */
export class Noise {
  private readonly classifier: Classifier
  private readonly next: () => number
  private readonly packet = new Packet()

  constructor(classifier: Classifier, next: () => number) {
    this.classifier = classifier
    this.next = next
    this.packet.source2 = 0xffff
    this.packet.destination2 = 0xffff
    this.packet.timeUs = 1e15
  }

  send({ isTcp, port, least, first }: NoiseFlow): void {
    const { classifier, next, packet } = this
    const sequence = [1000, 900_000]
    const count = 1 + (next() % 6)
    for (let i = isTcp ? -2 : 0; i < count; i++) {
      const who = i === -2 || i === 0 ? 0 : i === -1 ? 1 : next() & 1
      packet.protocol = isTcp ? 6 : 17
      packet.source3 = who === 0 ? client : server
      packet.destination3 = who === 0 ? server : client
      packet.sourcePort = who === 0 ? clientPort : port
      packet.destinationPort = who === 0 ? port : clientPort
      const size = i < 0 ? 0 : least + (next() % ([40, 200, 1400][next() % 3] ?? 40))
      const octets = randomOctets(next, size)
      if (i === 0) octets.set(Array.from(first(next)).slice(0, size))
      packet.tcpFlags = i === -2 ? tcpFlag.syn : i === -1 ? tcpFlag.syn | tcpFlag.ack : tcpFlag.push
      packet.sequence = sequence[who] ?? 0
      sequence[who] = packet.sequence + (i < 0 ? 1 : size)
      packet.payload.set(octets, 0, size, size)
      packet.timeUs += 1000
      classifier.take(packet)
    }
    classifier.finish()
  }
}
