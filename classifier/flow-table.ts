import type { Packet } from '../model/packet.ts'
import { ipProtocol, tcpFlag } from '../model/packet.ts'
import { Flow } from './flow.ts'
import { idleUs } from './limits.ts'

/** Words of a key: the lower end's address, the upper's, both ports, VLANs and protocol. */
const keyWords = 10

const lists = { datagram: 0, tcp: 1, closed: 2 } as const
const timeouts = [idleUs.datagram, idleUs.tcp, idleUs.closed]

/**
 * The connections that are followed, by addresses, ports, protocol and VLAN, both directions under
 * one key. A hash table over typed arrays; beside it three lists in the order of the last packet,
 * one for each timeout, so that what has been silent too long is always at the head of one.
 */
export class FlowTable {
  readonly maxFlows: number
  private capacity = 1024
  private heads = new Int32Array(this.capacity * 2).fill(-1)
  private keys = new Uint32Array(this.capacity * keyWords)
  private hashes = new Int32Array(this.capacity)
  private nexts = new Int32Array(this.capacity).fill(-1)
  private listOf = new Uint8Array(this.capacity)
  private newer = new Int32Array(this.capacity).fill(-1)
  private older = new Int32Array(this.capacity).fill(-1)
  private readonly oldest = new Int32Array(3).fill(-1)
  private readonly newest = new Int32Array(3).fill(-1)
  private flows: (Flow | undefined)[] = []
  private readonly free: number[] = []
  private readonly key = new Uint32Array(keyWords)
  private readonly ended: (flow: Flow) => void
  size = 0

  /** @param ended called with each flow when it is over */
  constructor(ended: (flow: Flow) => void, maxFlows: number) {
    this.ended = ended
    this.maxFlows = maxFlows
  }

  /** The flow that a packet belongs to, which is made where there is none yet. */
  flowOf(packet: Packet): Flow {
    const hash = this.setKey(packet)
    let row = this.find(hash)
    if (row >= 0 && this.isReused(row, packet)) {
      this.remove(row)
      row = -1
    }
    if (row < 0) row = this.add(hash, packet)
    else if (this.newer[row] !== -1) {
      this.unlink(row)
      this.link(row, this.listOf[row] ?? 0)
    }
    return this.flows[row] as Flow
  }

  /** Puts the flow of the packet that was looked up last among those that are closed. */
  close(packet: Packet): void {
    const row = this.find(this.setKey(packet))
    if (row < 0 || this.listOf[row] === lists.closed) return
    this.unlink(row)
    this.link(row, lists.closed)
  }

  /** Ends the flow of a packet that was the last, unless another one came since. */
  end(last: Packet): void {
    const row = this.find(this.setKey(last))
    if (row >= 0 && (this.flows[row]?.lastUs ?? 0) <= last.timeUs) this.remove(row)
  }

  /** Ends what has been silent for too long; a step at a time, as packets come. */
  expire(nowUs: number): void {
    for (let list = 0; list < 3; list++) {
      const limit = nowUs - (timeouts[list] ?? 0)
      let row = this.oldest[list] ?? -1
      while (row >= 0 && (this.flows[row]?.lastUs ?? 0) < limit) {
        this.remove(row)
        row = this.oldest[list] ?? -1
      }
    }
  }

  /** Ends all flows. */
  clear(): void {
    for (let row = 0; row < this.flows.length; row++) {
      if (this.flows[row] !== undefined) this.remove(row)
    }
  }

  /** Fills `key`, and returns its hash. */
  private setKey(packet: Packet): number {
    const { key } = this
    const isLower = isSourceLower(packet)
    const low = isLower ? 0 : 4
    const high = 4 - low
    key[low] = packet.source0
    key[low + 1] = packet.source1
    key[low + 2] = packet.source2
    key[low + 3] = packet.source3
    key[high] = packet.destination0
    key[high + 1] = packet.destination1
    key[high + 2] = packet.destination2
    key[high + 3] = packet.destination3
    key[8] = isLower
      ? (packet.sourcePort << 16) | packet.destinationPort
      : (packet.destinationPort << 16) | packet.sourcePort
    key[9] = (packet.vlans << 8) | packet.protocol
    let hash = 0x811c9dc5
    for (let i = 0; i < keyWords; i++) {
      hash = Math.imul(hash ^ (key[i] ?? 0), 0x9e3779b1)
      hash ^= hash >>> 15
    }
    return hash
  }

  private find(hash: number): number {
    let row = this.heads[hash & (this.heads.length - 1)] ?? -1
    while (row >= 0) {
      if (this.hashes[row] === hash && this.isKey(row)) return row
      row = this.nexts[row] ?? -1
    }
    return -1
  }

  private isKey(row: number): boolean {
    const { key, keys } = this
    const at = row * keyWords
    for (let i = keyWords - 1; i >= 0; i--) if (keys[at + i] !== key[i]) return false
    return true
  }

  /** A SYN on a connection that is over opens another one on the same ports. */
  private isReused(row: number, packet: Packet): boolean {
    return (
      this.listOf[row] === lists.closed &&
      packet.protocol === ipProtocol.tcp &&
      (packet.tcpFlags & (tcpFlag.syn | tcpFlag.ack)) === tcpFlag.syn
    )
  }

  private add(hash: number, packet: Packet): number {
    if (this.size >= this.maxFlows) this.removeOldest()
    const row = this.free.pop() ?? this.flows.length
    if (row >= this.capacity) this.grow()
    this.flows[row] = new Flow(packet)
    this.keys.set(this.key, row * keyWords)
    this.hashes[row] = hash
    const slot = hash & (this.heads.length - 1)
    this.nexts[row] = this.heads[slot] ?? -1
    this.heads[slot] = row
    this.link(row, packet.protocol === ipProtocol.tcp ? lists.tcp : lists.datagram)
    this.size++
    return row
  }

  private removeOldest(): void {
    let oldest = -1
    for (const row of this.oldest) {
      if (row < 0) continue
      const isOlder =
        oldest < 0 || (this.flows[row]?.lastUs ?? 0) < (this.flows[oldest]?.lastUs ?? 0)
      if (isOlder) oldest = row
    }
    if (oldest >= 0) this.remove(oldest)
  }

  private remove(row: number): void {
    const slot = (this.hashes[row] ?? 0) & (this.heads.length - 1)
    if (this.heads[slot] === row) this.heads[slot] = this.nexts[row] ?? -1
    else {
      let before = this.heads[slot] ?? -1
      while (before >= 0 && this.nexts[before] !== row) before = this.nexts[before] ?? -1
      if (before >= 0) this.nexts[before] = this.nexts[row] ?? -1
    }
    this.unlink(row)
    const flow = this.flows[row]
    this.flows[row] = undefined
    this.free.push(row)
    this.size--
    if (flow !== undefined) this.ended(flow)
  }

  private link(row: number, list: number): void {
    const last = this.newest[list] ?? -1
    this.listOf[row] = list
    this.older[row] = last
    this.newer[row] = -1
    if (last >= 0) this.newer[last] = row
    else this.oldest[list] = row
    this.newest[list] = row
  }

  private unlink(row: number): void {
    const list = this.listOf[row] ?? 0
    const older = this.older[row] ?? -1
    const newer = this.newer[row] ?? -1
    if (older >= 0) this.newer[older] = newer
    else this.oldest[list] = newer
    if (newer >= 0) this.older[newer] = older
    else this.newest[list] = older
  }

  private grow(): void {
    this.capacity *= 2
    this.keys = enlarged(this.keys, new Uint32Array(this.capacity * keyWords))
    this.hashes = enlarged(this.hashes, new Int32Array(this.capacity))
    this.listOf = enlarged(this.listOf, new Uint8Array(this.capacity))
    this.newer = enlarged(this.newer, new Int32Array(this.capacity).fill(-1))
    this.older = enlarged(this.older, new Int32Array(this.capacity).fill(-1))
    this.nexts = new Int32Array(this.capacity).fill(-1)
    this.heads = new Int32Array(this.capacity * 2).fill(-1)
    for (let row = 0; row < this.flows.length; row++) {
      if (this.flows[row] === undefined) continue
      const slot = (this.hashes[row] ?? 0) & (this.heads.length - 1)
      this.nexts[row] = this.heads[slot] ?? -1
      this.heads[slot] = row
    }
  }
}

function enlarged<T extends Uint32Array | Int32Array | Uint8Array>(from: T, to: T): T {
  to.set(from)
  return to
}

function isSourceLower(packet: Packet): boolean {
  if (packet.source3 !== packet.destination3) return packet.source3 < packet.destination3
  if (packet.source2 !== packet.destination2) return packet.source2 < packet.destination2
  if (packet.source1 !== packet.destination1) return packet.source1 < packet.destination1
  if (packet.source0 !== packet.destination0) return packet.source0 < packet.destination0
  return packet.sourcePort <= packet.destinationPort
}
