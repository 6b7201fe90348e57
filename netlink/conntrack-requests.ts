import type { AddressWords } from '../model/address.ts'
import { isV4, octetsOfAddress, v4MappedWord } from '../model/address.ts'
import type { ConntrackEntry, Tuple } from '../model/conntrack-entry.ts'
import { makeLayout, slot } from './ctnetlink-layout.ts'
import { conntrackMessage } from './ctnetlink.ts'
import type { MessageWriter } from './message-writer.ts'
import { nfgenmsgBytes, nlmsghdrBytes } from './messages.ts'

/*
 * What is asked of a conntrack entry (linux/netfilter/nfnetlink_conntrack.h):
 *
 *   NEW without NLM_F_CREATE changes one   1 CTA_TUPLE_ORIG | 18 CTA_ZONE u16, then
 *       8 CTA_MARK u32 | 21 CTA_MARK_MASK u32       mark = (mark & ~mask) ^ CTA_MARK
 *      22 CTA_LABELS | 23 CTA_LABELS_MASK           16 octets each; bit n is octet n / 8, bit n % 8
 *   GET tells of one                       1 CTA_TUPLE_ORIG | 18 CTA_ZONE
 *   DELETE takes one away                  1 CTA_TUPLE_ORIG | 18 CTA_ZONE | 12 CTA_ID u32
 *
 * The kernel looks an entry up by its original tuple and zone. Of DELETE it also compares the
 * identifier, a hash of the entry, so that one which came in its place is left alone.
 */
const attribute = { tuple: 1, mark: 8, id: 12, zone: 18, markMask: 21, labels: 22, labelsMask: 23 }
const AF_INET = 2
const AF_INET6 = 10
const ICMP = 1
const ICMPV6 = 58
/** Types of echo requests: what an ICMP connection begins with. */
const echoRequest = { [ICMP]: 8, [ICMPV6]: 128 } as const

/** Bits of a connection's labels. */
export const labelBytes = 16

const familyOf = ({ source: { address: words } }: Tuple): number =>
  isV4(words[0], words[1], words[2]) ? AF_INET : AF_INET6

function writeTuple(writer: MessageWriter, { original, ipProtocol }: ConntrackEntry): void {
  const { source, destination } = original
  const first = familyOf(original) === AF_INET ? 1 : 3
  const tuple = writer.open(attribute.tuple)
  const addresses = writer.open(1)
  writer.bytesOf(first, octetsOfAddress(source.address))
  writer.bytesOf(first + 1, octetsOfAddress(destination.address))
  writer.close(addresses)
  const protocol = writer.open(2)
  writer.u8(1, ipProtocol)
  if (ipProtocol === ICMP || ipProtocol === ICMPV6) {
    const from = ipProtocol === ICMP ? 4 : 7
    writer.u16(from, source.port)
    writer.u8(from + 1, echoRequest[ipProtocol])
    writer.u8(from + 2, 0)
  } else {
    writer.u16(2, source.port)
    writer.u16(3, destination.port)
  }
  writer.close(protocol)
  writer.close(tuple)
}

function begin(writer: MessageWriter, type: number, sequence: number, entry: ConntrackEntry): void {
  writer.begin({ type, flags: 0, sequence, family: familyOf(entry.original) })
  writeTuple(writer, entry)
  if (entry.zone !== 0) writer.u16(attribute.zone, entry.zone)
}

/** Sets the labels that `mask` has to what `labels` has of them. */
export function writeLabels(
  writer: MessageWriter,
  sequence: number,
  entry: ConntrackEntry,
  labels: Uint8Array,
  mask: Uint8Array
): void {
  begin(writer, conntrackMessage.new, sequence, entry)
  writer.bytesOf(attribute.labels, labels)
  writer.bytesOf(attribute.labelsMask, mask)
  writer.end()
}

/** Sets the bits of the mark that `mask` has to those of `mark`, and leaves the others. */
export function writeMark(
  writer: MessageWriter,
  sequence: number,
  entry: ConntrackEntry,
  mark: number,
  mask: number
): void {
  begin(writer, conntrackMessage.new, sequence, entry)
  writer.u32(attribute.mark, mark & mask)
  writer.u32(attribute.markMask, mask)
  writer.end()
}

/** Takes away this very entry. */
export function writeDelete(writer: MessageWriter, sequence: number, entry: ConntrackEntry): void {
  begin(writer, conntrackMessage.delete, sequence, entry)
  if (entry.id !== 0) writer.u32(attribute.id, entry.id)
  writer.end()
}

/** Asks how an entry stands now; the answer is for {@link readEntry}. */
export function writeGet(writer: MessageWriter, sequence: number, entry: ConntrackEntry): void {
  begin(writer, conntrackMessage.get, sequence, entry)
  writer.end()
}

/**
 * Reads the message in [from, to), its header included.
 *
 * @returns undefined where it tells of no entry
 */
export function readEntry(view: DataView, from: number, to: number): ConntrackEntry | undefined {
  const first = from + nlmsghdrBytes + nfgenmsgBytes
  if (first > to || view.getUint16(from + 4, true) !== conntrackMessage.new) return undefined
  const layout = makeLayout(view, first, to)
  if (typeof layout === 'string') return undefined
  const at = (name: keyof typeof slot): number => {
    const place = layout.values[slot[name]] ?? -1
    return place < 0 ? -1 : first + place
  }
  const u16 = (name: keyof typeof slot): number => (at(name) < 0 ? 0 : view.getUint16(at(name)))
  const u32 = (name: keyof typeof slot): number => (at(name) < 0 ? 0 : view.getUint32(at(name)))
  const words = (v4: keyof typeof slot, v6: keyof typeof slot): AddressWords => {
    if (at(v4) >= 0) return [0, 0, v4MappedWord, view.getUint32(at(v4))]
    const [a, b, c, d] = [0, 4, 8, 12].map((offset) => view.getUint32(at(v6) + offset))
    return [a ?? 0, b ?? 0, c ?? 0, d ?? 0]
  }
  const isIcmp = at('originalIcmpId') >= 0
  const end = (
    v4: keyof typeof slot,
    v6: keyof typeof slot,
    port: keyof typeof slot
  ): Tuple['source'] => ({ address: words(v4, v6), port: u16(port) })
  const seconds = at('start') < 0 ? 0 : view.getUint32(at('start')) * 2 ** 32
  const startUs = at('start') < 0 ? 0 : (seconds + view.getUint32(at('start') + 4)) / 1000
  return {
    ipProtocol: view.getUint8(at('protocol')),
    original: {
      source: end(
        'originalSource',
        'originalSource6',
        isIcmp ? 'originalIcmpId' : 'originalSourcePort'
      ),
      destination: end('originalDestination', 'originalDestination6', 'originalDestinationPort'),
    },
    reply: {
      source: end('replySource', 'replySource6', 'replySourcePort'),
      destination: end(
        'replyDestination',
        'replyDestination6',
        isIcmp ? 'replyIcmpId' : 'replyDestinationPort'
      ),
    },
    zone: u16('zone'),
    id: u32('id'),
    mark: u32('mark'),
    startUs: Math.floor(startUs),
  }
}
