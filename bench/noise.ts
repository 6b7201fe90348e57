/**
 * How many random flows get a name by their octets, though they begin with the four octets that a
 * real protocol begins with: `node --import tsx bench/noise.ts CAPTURE... `. The rest is noise.
 */
import { Classifier } from '../classifier/classifier.ts'
import type { Flow } from '../classifier/flow.ts'
import { protocols } from '../classifier/protocols.ts'
import { PacketDecoder } from '../collector/capture/decoder.ts'
import { readCaptureFile } from '../collector/capture/pcap-file.ts'
import type { Packet } from '../model/packet.ts'
import { Noise, numbers } from '../test/classifier/noise.ts'
import { groupBy } from '../test/conformance/dpi-score.ts'

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
  const classifier = new Classifier(protocols, { ended })
  const noise = new Noise(classifier, next)
  for (let flow = 0; flow < flows; flow++) {
    const list = lists[next() % lists.length] ?? []
    const { protocol, isTcp, port, octets } = list[next() % list.length] as Beginning
    told = protocol
    const to = isOnPort ? port : 1024 + (next() % 60_000)
    noise.send({ isTcp, port: to, least: firstOctets + 1, first: () => octets })
  }
  return names
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
