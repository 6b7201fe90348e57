/**
 * How many random flows get a name by their octets, though they begin with the four octets that a
 * real protocol begins with: `node --import tsx bench/noise.ts CAPTURE... `. The rest is noise.
 */
import { Classifier } from '../classifier/classifier.ts'
import type { Flow } from '../classifier/flow.ts'
import { protocols } from '../classifier/protocols.ts'
import { PacketDecoder } from '../collector/capture/decoder.ts'
import { readCaptureFile } from '../collector/capture/pcap-file.ts'
import { Packet, tcpFlag } from '../model/packet.ts'
import { groupBy } from '../test/conformance/dpi-score.ts'

/** A row of numbers below 2^32 that is the same each time (xorshift32). */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}

const randomOctets = (next: () => number, length: number): Uint8Array =>
  Uint8Array.from({ length }, () => next() & 255)

const flows = 100_000
const firstOctets = 4

interface Beginning {
  readonly protocol: string
  readonly isTcp: boolean
  readonly port: number
  readonly octets: Uint8Array
}

/** What real flows of the captures begin with, each once. */
function beginningsOf(files: readonly string[]): Beginning[] {
  const found = new Map<string, Beginning>()
  const first = new Map<Flow, Uint8Array>()
  const ended = (flow: Flow): void => {
    const octets = first.get(flow)
    first.delete(flow)
    const evidence = flow.classification?.evidence.find(({ source }) => source === 'payload')
    if (octets === undefined || evidence === undefined) return
    const isTcp = flow.protocol === 6
    const protocol = evidence.speaksFor
    const key = `${protocol} ${isTcp} ${flow.serverPort} ${Buffer.from(octets).toString('hex')}`
    found.set(key, { protocol, isTcp, port: flow.serverPort, octets })
  }
  const counted = (flow: Flow, { payload }: Packet): void => {
    if (first.has(flow) || payload.length < firstOctets) return
    const at = payload.start
    first.set(flow, Uint8Array.from(payload.buffer.subarray(at, at + firstOctets)))
  }
  for (const file of files) {
    const classifier = new Classifier(protocols, { ended, counted })
    const decoder = new PacketDecoder((packet) => classifier.take(packet))
    readCaptureFile(file, (frame) => decoder.decode(frame))
    decoder.flush()
    classifier.finish()
  }
  return [...found.values()]
}

/** Names that flows get which begin truly and go on with noise, up to six packets each way. */
function namesOf(beginnings: readonly Beginning[], isOnPort: boolean): Map<string, number> {
  const names = new Map<string, number>()
  const byProtocol = groupBy(beginnings, ({ protocol }) => protocol)
  const lists = [...byProtocol.values()]
  let told = ''
  const ended = ({ classification }: Flow): void => {
    const evidence = classification?.evidence.find(({ source }) => source === 'payload')
    if (evidence === undefined) return
    const name = `${told} named ${evidence.speaksFor}: ${evidence.what} (${evidence.confidence})`
    names.set(name, (names.get(name) ?? 0) + 1)
  }
  const next = numbers(4711)
  const packet = new Packet()
  packet.source2 = 0xffff
  packet.destination2 = 0xffff
  packet.timeUs = 1e15
  for (let flow = 0; flow < flows; flow++) {
    const classifier = made(ended)
    const list = lists[next() % lists.length] ?? []
    const { protocol, isTcp, port, octets } = list[next() % list.length] as Beginning
    told = protocol
    const ends = [40_000, isOnPort ? port : 1024 + (next() % 60_000)] as const
    const sequence = [1000, 900_000]
    const count = 1 + (next() % 6)
    for (let i = isTcp ? -2 : 0; i < count; i++) {
      const who = i === -2 || i === 0 ? 0 : i === -1 ? 1 : next() & 1
      packet.protocol = isTcp ? 6 : 17
      packet.source3 = who === 0 ? 0xc0000201 : 0xc6336401
      packet.destination3 = who === 0 ? 0xc6336401 : 0xc0000201
      packet.sourcePort = ends[who] ?? 0
      packet.destinationPort = ends[1 - who] ?? 0
      const size = i < 0 ? 0 : firstOctets + 1 + (next() % ([40, 200, 1400][next() % 3] ?? 40))
      const noise = randomOctets(next, size)
      if (i === 0) noise.set(octets)
      packet.tcpFlags = i === -2 ? tcpFlag.syn : i === -1 ? tcpFlag.syn | tcpFlag.ack : tcpFlag.push
      packet.sequence = sequence[who] ?? 0
      sequence[who] = packet.sequence + (i < 0 ? 1 : size)
      packet.payload.set(noise, 0, size, size)
      packet.timeUs += 1000
      classifier.take(packet)
    }
    classifier.finish()
  }
  return names
}

let shared: Classifier | undefined
let listener: (flow: Flow) => void = () => undefined

/** One classifier for all: what it knows of protocols is the dear part. */
function made(ended: (flow: Flow) => void): Classifier {
  listener = ended
  return (shared ??= new Classifier(protocols, { ended: (flow) => listener(flow) }))
}

const beginnings = beginningsOf(process.argv.slice(2))
const known = new Set(beginnings.map(({ protocol }) => protocol)).size
console.log(`${beginnings.length} beginnings of ${known} protocols`)
for (const isOnPort of [true, false]) {
  const names = namesOf(beginnings, isOnPort)
  const sum = [...names.values()].reduce((all, count) => all + count, 0)
  console.log(`${isOnPort ? 'on their ports' : 'on any port'}: ${sum} of ${flows} named`)
  const worst = [...names].sort(([, a], [, b]) => b - a).slice(0, 40)
  for (const [name, count] of worst) console.log(`${String(count).padStart(7)} ${name}`)
}
