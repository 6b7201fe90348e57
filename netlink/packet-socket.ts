import { readFileSync } from 'node:fs'
import { FlowledgerError } from '../model/errors.ts'
import {
  addressOf,
  bindSocket,
  closeSocket,
  errno,
  getOptionWords,
  lastErrno,
  openSocket,
  receiveMany,
  setOption,
  setOptionBytes,
} from './libc.ts'
import { iovecBytes, mmsghdrBytes } from './mmsghdr.ts'

const AF_PACKET = 17
const SOCK_DGRAM = 2
const SOCK_RAW = 3
const SOCK_CLOEXEC = 0o2000000
const SOL_SOCKET = 1
const SO_RCVBUFFORCE = 33
const SOL_PACKET = 263
const PACKET_ADD_MEMBERSHIP = 1
const PACKET_STATISTICS = 6
const PACKET_AUXDATA = 8
const PACKET_IGNORE_OUTGOING = 23
const PACKET_MR_PROMISC = 1
const ETH_P_ALL = 3
const MSG_DONTWAIT = 0x40
const MSG_TRUNC = 0x20
const TP_STATUS_VLAN_VALID = 1 << 4
const TP_STATUS_VLAN_TPID_VALID = 1 << 6
const ARPHRD = { ethernet: 1, loopback: 772 } as const

/*
 * packet(7), linux/if_packet.h, in the host's order but for what is marked:
 *
 *   struct sockaddr_ll       u16 family | u16 protocol (net order) | i32 ifindex | 12 octets
 *   struct packet_mreq       i32 ifindex | u16 type | u16 length | 8 octets
 *   struct tpacket_stats     u32 packets | u32 dropped, both since they were read last
 *   control message          u64 length | i32 SOL_PACKET | i32 PACKET_AUXDATA, then
 *   struct tpacket_auxdata   u32 status | u32 length | u32 snapped | u16 mac | u16 net |
 *                            u16 tci | u16 tpid
 *
 * The kernel takes the outermost VLAN tag out of a frame and tells it beside it; it is put back, as
 * libpcap does, into the room that is left before each frame. struct mmsghdr is drawn in socket.ts.
 */
const CONTROL = 40
const auxAt = 16
const tagBytes = 4
const addressBytes = 12
/** Before each frame, so that it begins at a multiple of four with its tag too. */
const headroom = 16

/** LINKTYPE_ values (tcpdump.org/linktypes). */
const linkTypes = { ethernet: 1, rawIp: 101 } as const

export interface PacketSocketOptions {
  readonly name: string
  /** Octets of each packet that are wanted. */
  readonly snapLength: number
  /** Wanted receive buffer in octets. */
  readonly receiveBuffer: number
  /** Packets that one receive call may return. */
  readonly slots: number
}

/** All packets of one interface, both directions, read in batches and never blocking. */
export class PacketSocket {
  /** LINKTYPE_ of its packets. */
  readonly linkType: number
  /** Where the packets of the last call lie: see {@link at}. */
  readonly data: Buffer
  /** Of the packet that {@link at} was last called for: its octets, and its length on the wire. */
  from = 0
  to = 0
  wireLength = 0
  private readonly fd: number
  private readonly slots: number
  private readonly slotBytes: number
  private readonly vectors: Buffer
  private readonly headers: Buffer
  private readonly controls: Buffer
  private dropped = 0

  /** @throws FlowledgerError `permission-missing`, `usage` where there is no such interface */
  constructor({ name, snapLength, receiveBuffer, slots }: PacketSocketOptions) {
    const index = attributeOf(name, 'ifindex')
    const type = attributeOf(name, 'type')
    const isEthernet = type === ARPHRD.ethernet || type === ARPHRD.loopback
    this.linkType = isEthernet ? linkTypes.ethernet : linkTypes.rawIp
    this.slots = slots
    this.slotBytes = headroom + ((snapLength + 15) & ~15)
    this.data = Buffer.alloc(slots * this.slotBytes)
    this.vectors = Buffer.alloc(slots * iovecBytes)
    this.headers = Buffer.alloc(slots * mmsghdrBytes)
    this.controls = Buffer.alloc(slots * CONTROL)
    this.fd = openBound(name, index, isEthernet ? SOCK_RAW : SOCK_DGRAM)
    setOption(this.fd, SOL_SOCKET, SO_RCVBUFFORCE, receiveBuffer)
    setOption(this.fd, SOL_PACKET, PACKET_AUXDATA, 1)
    // Of what goes through it, the loopback shows each packet going out and coming in.
    if (type === ARPHRD.loopback) setOption(this.fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    this.linkBuffers()
  }

  /** Packets that the kernel dropped since the socket was opened: its buffer was full. */
  get drops(): number {
    this.dropped += getOptionWords(this.fd, SOL_PACKET, PACKET_STATISTICS, 2)?.[1] ?? 0
    return this.dropped
  }

  /**
   * Takes what waits, at most one batch; gives how many packets.
   *
   * @throws FlowledgerError where the interface is gone
   */
  receive(): number {
    // The kernel writes into the length of each how much control data there is.
    for (let slot = 0; slot < this.slots; slot++) {
      this.headers.writeUInt32LE(CONTROL, slot * mmsghdrBytes + 40)
    }
    const count = receiveMany(this.fd, this.headers, this.slots, MSG_DONTWAIT | MSG_TRUNC)
    if (count >= 0) return count
    const code = lastErrno()
    if (code === errno.EAGAIN || code === errno.EINTR || code === errno.ENETDOWN) return 0
    throw new FlowledgerError('not-running', `Reading from an interface failed (errno ${code}).`)
  }

  /** Points at the packet of a slot: `from`, `to`, `wireLength`. */
  at(slot: number): void {
    const start = slot * this.slotBytes + headroom
    const length = this.headers.readUInt32LE(slot * mmsghdrBytes + 56)
    this.from = start
    this.to = start + Math.min(length, this.slotBytes - headroom)
    this.wireLength = length
    if (this.linkType === linkTypes.ethernet) this.putTagBack(slot, start)
  }

  close(): void {
    closeSocket(this.fd)
  }

  private putTagBack(slot: number, start: number): void {
    const at = slot * CONTROL + auxAt
    if (this.headers.readUInt32LE(slot * mmsghdrBytes + 40) < CONTROL - 4) return
    const status = this.controls.readUInt32LE(at)
    if ((status & TP_STATUS_VLAN_VALID) === 0 || this.to - start < addressBytes) return
    const usual = 0x8100
    const hasType = (status & TP_STATUS_VLAN_TPID_VALID) !== 0
    const tagType = hasType ? this.controls.readUInt16LE(at + 18) : usual
    this.from = start - tagBytes
    this.data.copyWithin(this.from, start, start + addressBytes)
    this.data.writeUInt16BE(tagType, this.from + addressBytes)
    this.data.writeUInt16BE(this.controls.readUInt16LE(at + 16), this.from + addressBytes + 2)
    this.wireLength += tagBytes
  }

  private linkBuffers(): void {
    const data = addressOf(this.data)
    const vectors = addressOf(this.vectors)
    const controls = addressOf(this.controls)
    for (let slot = 0; slot < this.slots; slot++) {
      const vector = slot * iovecBytes
      this.vectors.writeBigUInt64LE(data + BigInt(slot * this.slotBytes + headroom), vector)
      this.vectors.writeBigUInt64LE(BigInt(this.slotBytes - headroom), vector + 8)
      const header = slot * mmsghdrBytes
      this.headers.writeBigUInt64LE(vectors + BigInt(vector), header + 16)
      this.headers.writeBigUInt64LE(1n, header + 24)
      this.headers.writeBigUInt64LE(controls + BigInt(slot * CONTROL), header + 32)
    }
  }
}

/** A number that the kernel tells of an interface of this network namespace. */
function attributeOf(name: string, attribute: 'ifindex' | 'type'): number {
  try {
    return Number(readFileSync(`/sys/class/net/${name}/${attribute}`, 'utf8'))
  } catch {
    throw new FlowledgerError('usage', `There is no interface ${name}.`, {
      fix: 'collector.capture.interfaces wants names that `ip link` shows.',
    })
  }
}

/** Bound before it listens: no packet of another interface comes. */
function openBound(name: string, index: number, type: number): number {
  const fd = openSocket(AF_PACKET, type | SOCK_CLOEXEC, 0)
  if (fd < 0) {
    throw new FlowledgerError('permission-missing', `Interface ${name} may not be read.`, {
      fix: 'Run as root, or give the service AmbientCapabilities=CAP_NET_RAW.',
    })
  }
  const membership = Buffer.alloc(16)
  membership.writeInt32LE(index, 0)
  membership.writeUInt16LE(PACKET_MR_PROMISC, 4)
  setOptionBytes(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership)
  const address = Buffer.alloc(20)
  address.writeUInt16LE(AF_PACKET, 0)
  address.writeUInt16BE(ETH_P_ALL, 2)
  address.writeInt32LE(index, 4)
  if (bindSocket(fd, address) === 0) return fd
  const code = lastErrno()
  closeSocket(fd)
  throw new FlowledgerError('usage', `Interface ${name} cannot be read (errno ${code}).`)
}
