import { FlowledgerError } from '../model/errors.ts'
import {
  align4,
  attributeHeaderBytes,
  attributeTypeMask,
  netfilterRequest,
  nfgenmsgBytes,
  nlmsghdrBytes,
  nlmsgType,
} from './messages.ts'
import type { NetlinkSocket } from './socket.ts'

/*
 * NFLOG (linux/netfilter/nfnetlink_log.h): packets that a rule `log group G` picks out. Messages of
 * subsystem 4; the resource id of the header is the group:
 *
 *   CONFIG (1)  CMD u8 1: bind | MODE u32 octets copied, u8 2: packet, u8 0 | NLBUFSIZ u32 |
 *               TIMEOUT u32 in 1/100 s | QTHRESH u32 packets a datagram | FLAGS u16 1: count
 *   PACKET (0)  3 TIMESTAMP u64 s, u64 us | 4 IFINDEX_INDEV u32 interface it came in by |
 *               8 HWADDR u16 length, u16 0, the sender's address (8) |
 *               9 PAYLOAD the packet from its IP header on |
 *               12 SEQ u32 counts what was put into datagrams for this group, from 0
 *
 * Values are in network order.
 */
const subsystem = 4
const messageType = { packet: subsystem * 256, config: subsystem * 256 + 1 } as const
const config = { command: 1, mode: 2, bufferSize: 3, timeout: 4, threshold: 5, flags: 6 } as const
const attribute = { timestamp: 3, inInterface: 4, sender: 8, payload: 9, sequence: 12 } as const
const bindGroup = 1
const copyPacket = 2
const flagSequence = 1
const flagAck = 4

export interface NflogOptions {
  readonly group: number
  /** Octets of each packet that are wanted. */
  readonly snapLength: number
  /** Packets that the kernel gathers into one datagram, and how long it waits for them (ms). */
  readonly threshold: number
  readonly timeoutMs: number
  /** Octets of one datagram; the socket's slots must have room for it. */
  readonly datagramBytes: number
}

function number(bytes: 1 | 2 | 4, value: number): Buffer {
  const buffer = Buffer.alloc(bytes)
  buffer.writeUIntBE(value, 0, bytes)
  return buffer
}

function configure(group: number, sequence: number, type: number, value: Buffer): Buffer {
  const head = netfilterRequest(messageType.config, flagAck, sequence, 0)
  head.writeUInt16BE(group, nlmsghdrBytes + 2)
  const body = Buffer.alloc(align4(attributeHeaderBytes + value.length))
  body.writeUInt16LE(attributeHeaderBytes + value.length, 0)
  body.writeUInt16LE(type, 2)
  value.copy(body, attributeHeaderBytes)
  const message = Buffer.concat([head, body])
  message.writeUInt32LE(message.length, 0)
  return message
}

/**
 * Asks the kernel for the packets of a group. Those that come before it has answered count as lost.
 *
 * @throws FlowledgerError where it refuses: another program has the group, or we may not
 */
export function bindNflog(socket: NetlinkSocket, reader: NflogReader, options: NflogOptions): void {
  const { group, snapLength, threshold, timeoutMs, datagramBytes } = options
  const mode = Buffer.concat([number(4, snapLength), Buffer.of(copyPacket, 0)])
  const wishes: readonly (readonly [type: number, value: Buffer])[] = [
    [config.command, number(1, bindGroup)],
    [config.mode, mode],
    [config.bufferSize, number(4, datagramBytes)],
    [config.timeout, number(4, Math.max(1, Math.round(timeoutMs / 10)))],
    [config.threshold, number(4, threshold)],
    [config.flags, number(2, flagSequence)],
  ]
  for (const [i, [type, value]] of wishes.entries()) {
    socket.send(configure(group, i + 1, type, value))
    const code = answerTo(socket, reader, i + 1)
    if (code !== 0) throw refusal(group, code)
  }
}

/** The error code that answers a request; packets of the same batch are not wanted yet. */
function answerTo(socket: NetlinkSocket, reader: NflogReader, sequence: number): number {
  for (let tries = 0; tries < 64; tries++) {
    const count = socket.receive()
    let code: number | undefined
    for (let slot = 0; slot < count; slot++) {
      const at = slot * socket.slotBytes
      const { view } = socket
      const length = socket.lengthOf(slot)
      if (length < nlmsghdrBytes + 4) continue
      const isAnswer =
        view.getUint16(at + 4, true) === nlmsgType.error &&
        view.getUint32(at + 8, true) === sequence
      if (isAnswer) code = -view.getInt32(at + nlmsghdrBytes, true)
      else reader.read(view, at, at + length)
    }
    if (code !== undefined) return code
  }
  return -1
}

const EPERM = 1
const EBUSY = 16

function refusal(group: number, code: number): FlowledgerError {
  if (code === EPERM) {
    return new FlowledgerError('permission-missing', 'NFLOG needs the capability CAP_NET_ADMIN.', {
      fix: 'Run as root, or give the service AmbientCapabilities=CAP_NET_ADMIN.',
    })
  }
  const why = code === EBUSY ? 'another program has it' : `errno ${code}`
  return new FlowledgerError('port-in-use', `NFLOG group ${group} cannot be bound: ${why}.`, {
    fix: 'Choose another group, here and in the rule.',
  })
}

/** What is counted of the packets of a group. */
export interface NflogCounters {
  packets: number
  /**
   * Packets that the kernel numbered, and that did not arrive. A gap is seen by the packet behind
   * it: what was lost last is not in here before another packet comes. Packets for which the kernel
   * had no memory to make a datagram of never had a number (nfulnl_log_packet).
   */
  lost: number
  malformed: number
}

/** Takes the packet at `at` .. `end` of the view; `timeUs` is NaN where the kernel did not say. */
export type NflogSink = (at: number, end: number, timeUs: number) => void

/** Reads datagrams of NFLOG messages. */
export class NflogReader {
  readonly counters: NflogCounters = { packets: 0, lost: 0, malformed: 0 }
  /** Of the packet at hand: the interface that it came in by; 0: none, it is of this host. */
  interfaceIndex = 0
  /** Where the Ethernet address of its sender lies; -1 where none is told. */
  senderAt = -1
  private expected = 0

  /** Reads one datagram, which lies at `from` .. `to`; without a sink its packets are lost. */
  read(view: DataView, from: number, to: number, sink?: NflogSink): void {
    let at = from
    while (at + nlmsghdrBytes <= to) {
      const length = view.getUint32(at, true)
      if (length < nlmsghdrBytes || at + length > to) {
        this.counters.malformed++
        return
      }
      if (view.getUint16(at + 4, true) === messageType.packet) {
        this.readPacket(view, at + nlmsghdrBytes + nfgenmsgBytes, at + length, sink)
      }
      at += align4(length)
    }
  }

  private readPacket(view: DataView, from: number, to: number, sink?: NflogSink): void {
    let at = from
    let timeUs = Number.NaN
    let payloadAt = -1
    let payloadEnd = -1
    this.interfaceIndex = 0
    this.senderAt = -1
    while (at + attributeHeaderBytes <= to) {
      const length = view.getUint16(at, true)
      const valueAt = at + attributeHeaderBytes
      if (length < attributeHeaderBytes || at + length > to) break
      const type = view.getUint16(at + 2, true) & attributeTypeMask
      if (type === attribute.payload) [payloadAt, payloadEnd] = [valueAt, at + length]
      else if (type === attribute.sequence && length >= 8) this.count(view.getUint32(valueAt))
      else if (type === attribute.timestamp && length >= 20) {
        const seconds = view.getUint32(valueAt) * 2 ** 32 + view.getUint32(valueAt + 4)
        timeUs = seconds * 1e6 + view.getUint32(valueAt + 12)
      } else if (type === attribute.inInterface && length >= 8) {
        this.interfaceIndex = view.getUint32(valueAt)
      } else if (type === attribute.sender && length >= 16 && view.getUint16(valueAt) === 6) {
        this.senderAt = valueAt + 4
      }
      at += align4(length)
    }
    if (payloadAt < 0) {
      this.counters.malformed++
      return
    }
    if (sink === undefined) {
      this.counters.lost++
      return
    }
    this.counters.packets++
    sink(payloadAt, payloadEnd, timeUs)
  }

  /** A number that is not the next one tells how many did not arrive. */
  private count(sequence: number): void {
    const missing = (sequence - this.expected) | 0
    if (missing > 0) this.counters.lost += missing
    else if (missing < 0) this.counters.malformed++
    this.expected = (sequence + 1) >>> 0
  }
}
