import { isV4 } from '../model/address.ts'
import type { AddressWords } from '../model/address.ts'
import { makeFlowBatch } from '../model/flow-batch.ts'
import type { Columns } from '../model/flow-batch.ts'
import { ConntrackDecoder, conntrackMessage } from './ctnetlink.ts'
import {
  align4,
  attributeHeaderBytes,
  netfilterRequest,
  nfgenmsgBytes,
  nlmsghdrBytes,
  nlmsgType,
} from './messages.ts'
import { NetlinkSocket } from './socket.ts'

const AF_INET = 2
const AF_INET6 = 10
const nested = 0x8000
/** Attributes: see ctnetlink-layout.ts. */
const cta = { tupleOriginal: 1, ip: 1, proto: 2, number: 1, sourcePort: 2, destinationPort: 3 }

/** The ends of a packet. */
export interface PacketEnds {
  readonly ipProtocol: number
  readonly source: AddressWords
  readonly sourcePort: number
  readonly destination: AddressWords
  readonly destinationPort: number
}

function attribute(type: number, value: Buffer): Buffer {
  const bytes = Buffer.alloc(align4(attributeHeaderBytes + value.length))
  bytes.writeUInt16LE(attributeHeaderBytes + value.length, 0)
  bytes.writeUInt16LE(type, 2)
  value.copy(bytes, attributeHeaderBytes)
  return bytes
}

function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 255])
}

function addressBytes(address: AddressWords, isShort: boolean): Buffer {
  const bytes = Buffer.alloc(16)
  for (const [i, word] of address.entries()) bytes.writeUInt32BE(word, 4 * i)
  return isShort ? bytes.subarray(12) : bytes
}

function request(ends: PacketEnds, sequence: number): Buffer {
  const { source, destination, ipProtocol } = ends
  const short = isV4(source[0], source[1], source[2])
  const [first, second] = short ? [1, 2] : [3, 4]
  const ip = Buffer.concat([
    attribute(first, addressBytes(source, short)),
    attribute(second, addressBytes(destination, short)),
  ])
  const proto = Buffer.concat([
    attribute(cta.number, Buffer.of(ipProtocol)),
    attribute(cta.sourcePort, u16(ends.sourcePort)),
    attribute(cta.destinationPort, u16(ends.destinationPort)),
  ])
  const tuple = Buffer.concat([
    attribute(nested | cta.ip, ip),
    attribute(nested | cta.proto, proto),
  ])
  const head = netfilterRequest(conntrackMessage.get, 0, sequence, short ? AF_INET : AF_INET6)
  const message = Buffer.concat([head, attribute(nested | cta.tupleOriginal, tuple)])
  message.writeUInt32LE(message.length, 0)
  return message
}

/** Asks the kernel's table for single entries, in zone 0; each question is answered at once. */
export class ConntrackLookup {
  private readonly socket: NetlinkSocket
  private readonly decoder = new ConntrackDecoder()
  private readonly entry = makeFlowBatch(1).columns
  private sequence = 0

  /** @throws FlowledgerError where netlink may not be used */
  constructor() {
    this.socket = new NetlinkSocket({
      groups: 0,
      receiveBuffer: 1 << 18,
      slots: 2,
      slotBytes: 4096,
    })
  }

  /**
   * The entry one of whose directions a packet with these ends is of, as row 0; valid until the
   * next call. Undefined where the kernel knows none.
   */
  find(ends: PacketEnds): Columns | undefined {
    const sequence = ++this.sequence >>> 0
    this.socket.send(request(ends, sequence))
    // What is left of an earlier question is passed over.
    for (let reads = 0; reads < 8; reads++) {
      const count = this.socket.receive()
      if (count <= 0) return undefined
      for (let slot = 0; slot < count; slot++) {
        const at = slot * this.socket.slotBytes
        const { view } = this.socket
        const length = this.socket.lengthOf(slot)
        if (length < nlmsghdrBytes || view.getUint32(at + 8, true) !== sequence) continue
        if (view.getUint16(at + 4, true) === nlmsgType.error) return undefined
        const from = at + nlmsghdrBytes + nfgenmsgBytes
        const to = at + Math.min(length, view.getUint32(at, true))
        return this.decoder.decode(view, from, to, this.entry, 0) ? this.entry : undefined
      }
    }
    return undefined
  }

  close(): void {
    this.socket.close()
  }
}
