import { formatWords, parseAddress } from '../../model/address.ts'
import type { AddressWords } from '../../model/address.ts'
import type { Classification } from '../../model/classification.ts'
import type { Flow } from '../flow.ts'
import { mixed, pairHash } from './ends.ts'
import { readKept, writeKept } from './kept-lines.ts'
import type { KeptLine } from './kept-lines.ts'

/** Flows that are remembered, and for how long after their verdict. Powers of two. */
const maxFlows = 65_536
/** Places that one flow may be at. */
const places = 4
/** Words of a row: both addresses, both ports, and numbers of protocol and application. */
const rowWords = 11
/** Names that rows are told by; beyond them flows are not remembered. */
const maxNames = 65_535
const keepUs = 3600e6
/** Only what was sure is believed again. */
const leastConfidence = 80
const confidence = 60

const udp = 17

/** Both ends of a UDP flow. */
interface Ends {
  readonly client: AddressWords
  readonly server: AddressWords
  readonly clientPort: number
  readonly serverPort: number
}

/**
 * What UDP flows were, by both ends. One that was silent so long that it counts as another goes on
 * in the middle of a conversation, where nothing tells its protocol any more.
 *
 * Every UDP flow is written down, so rows are numbers in one array: nothing is made for them.
 */
export class FlowMemory {
  private readonly rows = new Uint32Array(maxFlows * rowWords)
  /** Until when rows hold, us since 1970; 0 of an empty one. */
  private readonly until = new Float64Array(maxFlows)
  private readonly numbers = new Map<string, number>()
  private readonly names: string[] = []
  private readonly key = new Uint32Array(rowWords - 2)
  size = 0

  /** Keeps a sure verdict; UDP alone. */
  keep(flow: Flow, found: Classification, client: AddressWords, server: AddressWords): void {
    const isSure = found.confidence >= leastConfidence && found.protocol !== 'dns'
    if (flow.protocol !== udp || !isSure || Number.isNaN(flow.lastUs)) return
    const { clientPort, serverPort } = flow
    const { protocol, application = '' } = found
    this.put(
      { client, server, clientPort, serverPort },
      protocol,
      application,
      flow.lastUs + keepUs
    )
  }

  /** The verdict as it was, where this one found nothing and the ends are known. */
  completed(
    flow: Flow,
    found: Classification,
    client: AddressWords,
    server: AddressWords
  ): Classification {
    if (flow.protocol !== udp || found.confidence >= 30) return found
    const { clientPort, serverPort } = flow
    const row = this.find(this.setKey({ client, server, clientPort, serverPort }))
    if (row < 0 || !((this.until[row] as number) > flow.lastUs)) return found
    const protocol = this.nameAt(row, 9)
    const application = this.nameAt(row, 10)
    const what = 'the same ends, before a silence'
    return {
      ...found,
      protocol,
      application: application === '' ? undefined : application,
      confidence,
      evidence: [{ source: 'expectation', packet: 1, speaksFor: protocol, confidence, what }],
    }
  }

  /** Fills `key`; returns the first place of the flow. */
  private setKey({ client, server, clientPort, serverPort }: Ends): number {
    const { key } = this
    for (let i = 0; i < 4; i++) key[i] = client[i] as number
    for (let i = 0; i < 4; i++) key[4 + i] = server[i] as number
    const ports = ((clientPort << 16) | serverPort) >>> 0
    key[8] = ports
    return mixed(pairHash(client, server), ports) & (maxFlows - places)
  }

  private find(first: number): number {
    for (let row = first; row < first + places; row++) {
      if (this.until[row] !== 0 && this.isKey(row)) return row
    }
    return -1
  }

  private isKey(row: number): boolean {
    const { key, rows } = this
    const at = row * rowWords
    for (let i = key.length - 1; i >= 0; i--) if (rows[at + i] !== key[i]) return false
    return true
  }

  private put(ends: Ends, protocol: string, application: string, untilUs: number): void {
    const [spoken, served] = [this.numberOf(protocol), this.numberOf(application)]
    if (spoken < 0 || served < 0) return
    const first = this.setKey(ends)
    let row = this.find(first)
    if (row < 0) {
      // What was seen longest ago makes room.
      row = first
      for (let other = first; other < first + places; other++) {
        if ((this.until[other] as number) < (this.until[row] as number)) row = other
      }
      if (this.until[row] === 0) this.size++
      this.rows.set(this.key, row * rowWords)
    }
    this.rows[row * rowWords + 9] = spoken
    this.rows[row * rowWords + 10] = served
    this.until[row] = untilUs
  }

  private numberOf(name: string): number {
    const known = this.numbers.get(name)
    if (known !== undefined) return known
    if (this.names.length >= maxNames) return -1
    this.numbers.set(name, this.names.length)
    return this.names.push(name) - 1
  }

  private nameAt(row: number, word: number): string {
    return this.names[this.rows[row * rowWords + word] as number] ?? ''
  }

  /** Writes what still holds, while others go on: what is seen meanwhile may be in it or not. */
  async save(path: string, nowUs: number): Promise<void> {
    await writeKept(path, this.lines(nowUs))
  }

  private *lines(nowUs: number): Iterable<KeptLine> {
    for (const [row, untilUs] of this.until.entries()) {
      if (!(untilUs > nowUs)) continue
      const [c0 = 0, c1 = 0, c2 = 0, c3 = 0, s0 = 0, s1 = 0, s2 = 0, s3 = 0, ports = 0] =
        this.rows.subarray(row * rowWords, (row + 1) * rowWords)
      const client = `${formatWords([c0, c1, c2, c3])} ${ports >>> 16}`
      const server = `${formatWords([s0, s1, s2, s3])} ${ports & 0xffff}`
      yield [`${client} ${server}`, untilUs, [this.nameAt(row, 9), this.nameAt(row, 10)]]
    }
  }

  /** Reads back what {@link save} wrote; returns how many lines were passed over as damaged. */
  load(path: string, nowUs: number): number {
    return readKept(path, (key, untilUs, value) => {
      const ends = parseEnds(key)
      if (ends === undefined || !isKnown(value)) return false
      if (untilUs > nowUs) this.put(ends, value[0], value[1], untilUs)
      return true
    })
  }
}

type Known = readonly [protocol: string, application: string]

const isKnown = (value: unknown): value is Known =>
  Array.isArray(value) && value.length === 2 && value.every((one) => typeof one === 'string')

function parseEnds(text: string): Ends | undefined {
  const [from = '', fromPort = '', to = '', toPort = ''] = text.split(' ')
  const [client, server] = [parseAddress(from), parseAddress(to)]
  const [clientPort, serverPort] = [Number(fromPort), Number(toPort)]
  const isPort = (port: number): boolean => Number.isInteger(port) && port >= 0 && port <= 65_535
  if (client === undefined || server === undefined) return undefined
  if (!isPort(clientPort) || !isPort(serverPort)) return undefined
  return { client, server, clientPort, serverPort }
}
