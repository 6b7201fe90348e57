import type { AddressWords } from '../model/address.ts'
import { v4MappedWord } from '../model/address.ts'
import { align4, attributeHeaderBytes, attributeTypeMask, nlmsgFlag } from './messages.ts'
import { nlmsghdrBytes } from './messages.ts'

/*
 * An entry of the neighbour table (ARP, Neighbour Discovery), as rtnetlink tells it in an event of
 * the group RTNLGRP_NEIGH or in a dump (rtnetlink(7), include/uapi/linux/neighbour.h). Numbers are
 * in host order, addresses as on the wire:
 *
 *   struct nlmsghdr   16 octets, type RTM_NEWNEIGH 28 or RTM_DELNEIGH 29
 *   struct ndmsg      u8 family | u8, u16 padding | s32 ifindex | u16 state | u8 flags | u8 type
 *   attributes         1 NDA_DST        4 or 16 octets
 *                      2 NDA_LLADDR     6 octets on Ethernet
 *                      3 NDA_CACHEINFO  u32 confirmed | u32 used | u32 updated | u32 references
 *
 * The three times of the cache are ages in ticks of USER_HZ, 1/100 s on every architecture that
 * Node runs on.
 */
export const NETLINK_ROUTE = 0

/** RTNLGRP_NEIGH is group 3, as a mask. */
export const neighbourGroup = 1 << 2

export const neighbourMessage = { new: 28, delete: 29, get: 30 } as const

/** NUD_* of an entry's state. */
export const neighbourState = {
  incomplete: 0x01,
  reachable: 0x02,
  stale: 0x04,
  delay: 0x08,
  probe: 0x10,
  failed: 0x20,
  noArp: 0x40,
  permanent: 0x80,
} as const

const AF_INET = 2
const AF_INET6 = 10
const NTF_PROXY = 0x08
const ndmsgBytes = 12
const tickUs = 10_000

/** Why a message was refused; each is a counter. */
export type NeighbourFailure = 'message-length' | 'attribute-length' | 'value-length'

export interface Neighbour {
  readonly ifindex: number
  /** One of {@link neighbourState}. */
  readonly state: number
  readonly address: AddressWords
  /** With colons, lower case; left out while nobody has answered. */
  readonly mac?: string
  /** How long ago the neighbour was last known to be there (us). */
  readonly confirmedAgoUs?: number
}

const attribute = { destination: 1, linkAddress: 2, cache: 3 } as const

/** Where the attributes that are of use have their values; 0: not there. */
interface Places {
  destination: number
  destinationBytes: number
  linkAddress: number
  linkAddressBytes: number
  cache: number
}

function findPlaces(view: DataView, from: number, to: number): Places | NeighbourFailure {
  const places = { destination: 0, destinationBytes: 0, linkAddress: 0, linkAddressBytes: 0 }
  let cache = 0
  for (let at = from; at + attributeHeaderBytes <= to;) {
    const length = view.getUint16(at, true)
    if (length < attributeHeaderBytes || at + length > to) return 'attribute-length'
    const value = at + attributeHeaderBytes
    const octets = length - attributeHeaderBytes
    const type = view.getUint16(at + 2, true) & attributeTypeMask
    if (type === attribute.destination) {
      places.destination = value
      places.destinationBytes = octets
    } else if (type === attribute.linkAddress) {
      places.linkAddress = value
      places.linkAddressBytes = octets
    } else if (type === attribute.cache) {
      if (octets < 12) return 'value-length'
      cache = value
    }
    at += align4(length)
  }
  return { ...places, cache }
}

function macAt(view: DataView, at: number): string {
  const octets = Array.from({ length: 6 }, (_, i) => view.getUint8(at + i))
  return octets.map((octet) => octet.toString(16).padStart(2, '0')).join(':')
}

function addressAt(view: DataView, at: number, octets: number): AddressWords {
  if (octets === 4) return [0, 0, v4MappedWord, view.getUint32(at)]
  return [
    view.getUint32(at),
    view.getUint32(at + 4),
    view.getUint32(at + 8),
    view.getUint32(at + 12),
  ]
}

/**
 * Reads the message in [from, to), its header included.
 *
 * @returns undefined for an entry that tells of no host: of another family (bridges), one that this
 *   host answers for (NTF_PROXY), and a link layer without addresses of six octets
 */
export function decodeNeighbour(
  view: DataView,
  from: number,
  to: number
): Neighbour | NeighbourFailure | undefined {
  const body = from + nlmsghdrBytes
  if (body + ndmsgBytes > to) return 'message-length'
  const family = view.getUint8(body)
  if (family !== AF_INET && family !== AF_INET6) return undefined
  if ((view.getUint8(body + 10) & NTF_PROXY) !== 0) return undefined
  const places = findPlaces(view, body + ndmsgBytes, to)
  if (typeof places === 'string') return places
  if (places.destinationBytes !== (family === AF_INET ? 4 : 16)) return 'value-length'
  const noMac = places.linkAddressBytes === 0
  if (!noMac && places.linkAddressBytes !== 6) return undefined
  return {
    ifindex: view.getInt32(body + 4, true),
    state: view.getUint16(body + 8, true),
    address: addressAt(view, places.destination, places.destinationBytes),
    ...(noMac ? {} : { mac: macAt(view, places.linkAddress) }),
    ...(places.cache === 0 ? {} : { confirmedAgoUs: view.getUint32(places.cache, true) * tickUs }),
  }
}

/** Asks for the whole table, both families. */
export function neighbourDump(sequence: number): Buffer {
  const message = Buffer.alloc(nlmsghdrBytes + ndmsgBytes)
  message.writeUInt32LE(message.length, 0)
  message.writeUInt16LE(neighbourMessage.get, 4)
  message.writeUInt16LE(nlmsgFlag.request | nlmsgFlag.dump, 6)
  message.writeUInt32LE(sequence, 8)
  return message
}
