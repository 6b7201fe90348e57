import type { AddressWords } from '../../model/address.ts'
import type { Columns } from '../../model/flow-batch.ts'
import { ipProtocol as protocols, tcpFlag } from '../../model/packet.ts'
import type { Packet } from '../../model/packet.ts'
import type { PacketEnds } from '../../netlink/conntrack-lookup.ts'

/** Directions of flows that are remembered, by what an interface shows of them; a power of two. */
const places = 1 << 16
const keyWords = 10
/** Owners of directions that are remembered; the first made are forgotten first. */
const maxOwners = 1 << 18
/** Silence after which another interface may go on with a direction, as after a failover (us). */
const silenceUs = 5e6

/** Which interface counts for one direction of a flow. */
interface Owner {
  readonly source: AddressWords
  readonly sourcePort: number
  readonly destination: AddressWords
  readonly destinationPort: number
  interfaceIndex: number
  seenUs: number
}

/** Tells the entry of the kernel's table that a packet with these ends is of. */
export interface EntryFinder {
  find(ends: PacketEnds): Columns | undefined
}

/**
 * Lets each packet be seen once, though several interfaces show it: inside and outside of a
 * translation, or on both sides of a router. Packets get the ends that they have between both
 * translations, at the forward hook, whichever side they were seen on; the interface that shows a
 * direction first is the one that counts for it.
 */
export class OneSight {
  /** Packets that another interface shows too. */
  repeated = 0
  private readonly finder: EntryFinder | undefined
  private readonly keys = new Uint32Array(places * keyWords)
  private readonly owners: (Owner | undefined)[] = Array.from({ length: places })
  private readonly seenUs = new Float64Array(places)
  private readonly byEnds = new Map<string, Owner>()
  private readonly key = new Uint32Array(keyWords)

  /** @param finder left out: nothing is known of translations */
  constructor(finder?: EntryFinder) {
    this.finder = finder
  }

  /** Gives the packet its ends; false where another interface counts for it. */
  take(packet: Packet, interfaceIndex: number): boolean {
    const place = this.placeOf(packet, interfaceIndex)
    let owner = this.owners[place]
    if (owner === undefined || !this.isKey(place) || this.mayBeAnother(packet, place)) {
      owner = this.ownerOf(packet, interfaceIndex)
      this.owners[place] = owner
      this.keys.set(this.key, place * keyWords)
    }
    this.seenUs[place] = packet.timeUs
    if (owner.interfaceIndex !== interfaceIndex) {
      if (packet.timeUs - owner.seenUs < silenceUs) {
        this.repeated++
        return false
      }
      owner.interfaceIndex = interfaceIndex
    }
    owner.seenUs = packet.timeUs
    setEnds(packet, owner)
    return true
  }

  /** The same ends may be translated otherwise by now: to another host inside. */
  private mayBeAnother({ protocol, tcpFlags, timeUs }: Packet, place: number): boolean {
    if (protocol === protocols.tcp && (tcpFlags & tcpFlag.syn) !== 0) return true
    return timeUs - (this.seenUs[place] ?? 0) >= silenceUs
  }

  private placeOf(packet: Packet, interfaceIndex: number): number {
    const { key } = this
    key[0] = packet.source0
    key[1] = packet.source1
    key[2] = packet.source2
    key[3] = packet.source3
    key[4] = packet.destination0
    key[5] = packet.destination1
    key[6] = packet.destination2
    key[7] = packet.destination3
    key[8] = (packet.sourcePort << 16) | packet.destinationPort
    key[9] = (interfaceIndex << 8) | packet.protocol
    let hash = 0x811c9dc5
    for (let i = 0; i < keyWords; i++) {
      hash = Math.imul(hash ^ (key[i] ?? 0), 0x9e3779b1)
      hash ^= hash >>> 15
    }
    return hash & (places - 1)
  }

  private isKey(place: number): boolean {
    const from = place * keyWords
    for (let i = 0; i < keyWords; i++) if (this.keys[from + i] !== this.key[i]) return false
    return true
  }

  private ownerOf(packet: Packet, interfaceIndex: number): Owner {
    const ends = this.endsBetween(packet)
    const { ipProtocol, source, sourcePort, destination, destinationPort } = ends
    const name = [ipProtocol, ...source, sourcePort, ...destination, destinationPort].join(' ')
    const known = this.byEnds.get(name)
    if (known !== undefined) return known
    if (this.byEnds.size >= maxOwners) {
      for (const oldest of this.byEnds.keys()) {
        this.byEnds.delete(oldest)
        break
      }
    }
    const owner: Owner = {
      source,
      sourcePort,
      destination,
      destinationPort,
      interfaceIndex,
      seenUs: packet.timeUs,
    }
    this.byEnds.set(name, owner)
    return owner
  }

  /** The ends of the packet behind the first translation and before the second. */
  private endsBetween(packet: Packet): PacketEnds {
    const seen: PacketEnds = {
      ipProtocol: packet.protocol,
      source: [packet.source0, packet.source1, packet.source2, packet.source3],
      sourcePort: packet.sourcePort,
      destination: [
        packet.destination0,
        packet.destination1,
        packet.destination2,
        packet.destination3,
      ],
      destinationPort: packet.destinationPort,
    }
    const entry = this.finder?.find(seen) ?? this.finder?.find(turned(seen))
    if (entry === undefined) return seen
    const client = end(entry.sourceAddress, entry.sourceTransportPort)
    const asked = end(entry.destinationAddress, entry.destinationTransportPort)
    const outside = end(entry.postNatSourceAddress, entry.postNaptSourceTransportPort)
    const server = end(entry.postNatDestinationAddress, entry.postNaptDestinationTransportPort)
    const comesFrom = (one: End): boolean => isSame(one, seen.source, seen.sourcePort)
    const goesTo = (one: End): boolean => isSame(one, seen.destination, seen.destinationPort)
    const isForth = (comesFrom(client) || comesFrom(outside)) && (goesTo(asked) || goesTo(server))
    const [from, to] = isForth ? [client, server] : [server, client]
    return {
      ipProtocol: seen.ipProtocol,
      source: from.address,
      sourcePort: from.port,
      destination: to.address,
      destinationPort: to.port,
    }
  }
}

interface End {
  readonly address: AddressWords
  readonly port: number
}

function end(addresses: Uint32Array, ports: Uint16Array): End {
  const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = addresses
  return { address: [w0, w1, w2, w3], port: ports[0] ?? 0 }
}

function isSame(one: End, address: AddressWords, port: number): boolean {
  return one.port === port && one.address.every((word, i) => word === address[i])
}

function turned({ source, sourcePort, destination, destinationPort, ...rest }: PacketEnds) {
  return {
    ...rest,
    source: destination,
    sourcePort: destinationPort,
    destination: source,
    destinationPort: sourcePort,
  }
}

function setEnds(packet: Packet, owner: Owner): void {
  const [s0, s1, s2, s3] = owner.source
  const [d0, d1, d2, d3] = owner.destination
  packet.source0 = s0
  packet.source1 = s1
  packet.source2 = s2
  packet.source3 = s3
  packet.destination0 = d0
  packet.destination1 = d1
  packet.destination2 = d2
  packet.destination3 = d3
  packet.sourcePort = owner.sourcePort
  packet.destinationPort = owner.destinationPort
}
