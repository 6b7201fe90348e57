/*
 * A netlink datagram is a row of messages, each padded to 4 octets (netlink(7)):
 *
 *   struct nlmsghdr   u32 length (with header) | u16 type | u16 flags | u32 sequence | u32 port
 *   struct nfgenmsg   u8 family | u8 version | u16 resource id (network order)
 *   attributes        u16 length (with its header) | u16 type | value, padded to 4
 *
 * Header fields are in host order, values of conntrack attributes in network order. The host is
 * little-endian wherever Node runs on Linux today but s390x; hostIsLittleEndian is checked at
 * start.
 */
export const nlmsghdrBytes = 16
export const nfgenmsgBytes = 4
export const attributeHeaderBytes = 4

export const nlmsgType = { error: 2, done: 3 } as const

export const nlmsgFlag = {
  request: 0x01,
  multi: 0x02,
  dumpInterrupted: 0x10,
  exclusive: 0x200,
  dump: 0x300,
  create: 0x400,
} as const

/** The two highest bits of an attribute's type are flags (nested, network order). */
export const attributeTypeMask = 0x3fff

/** Rounds up to the padding of messages and attributes. */
export function align4(length: number): number {
  return (length + 3) & ~3
}

/**
 * A request without attributes for a netfilter subsystem.
 *
 * @param type subsystem * 256 + message
 * @param family address family, 0 for all
 */
export function netfilterRequest(
  type: number,
  flags: number,
  sequence: number,
  family: number
): Buffer {
  const message = Buffer.alloc(nlmsghdrBytes + nfgenmsgBytes)
  message.writeUInt32LE(message.length, 0)
  message.writeUInt16LE(type, 4)
  message.writeUInt16LE(nlmsgFlag.request | flags, 6)
  message.writeUInt32LE(sequence, 8)
  message.writeUInt8(family, nlmsghdrBytes)
  return message
}
