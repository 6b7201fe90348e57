import type { MessageWriter } from './message-writer.ts'

/*
 * Members of an IP set (linux/netfilter/ipset/ip_set.h), subsystem 6:
 *
 *   FLUSH 4           1 PROTOCOL u8 | 2 SETNAME text
 *   ADD 9 | DEL 10    1 PROTOCOL u8 | 2 SETNAME text | 9 LINENO u32 | 8 ADT > 7 DATA ...
 *   DATA   1 IP > 1 IPADDR_IPV4 or 2 IPADDR_IPV6 | 20 IP2 | 4 PORT u16 | 7 PROTO u8 | 10 MARK u32
 *          17 ETHER 6 octets | 6 TIMEOUT u32, s
 *          27 SKBMARK u64: mark, mask | 28 SKBPRIO u32 | 29 SKBQUEUE u16
 *
 * Numbers carry the flag of network order, without which the kernel refuses them. Without
 * NLM_F_EXCL what is there already is renewed, and what is not there may be deleted.
 */
const subsystem = 6
const protocolVersion = 6
const netOrder = 0x4000
const attribute = {
  protocol: 1,
  setName: 2,
  data: 7,
  adt: 8,
  line: 9,
  ip: 1,
  port: 4,
  timeout: 6,
  ipProtocol: 7,
  mark: 10,
  ether: 17,
  ip2: 20,
  skbMark: 27,
  skbPriority: 28,
  skbQueue: 29,
} as const

const flushMessage = subsystem * 256 + 4
const message = { add: subsystem * 256 + 9, delete: subsystem * 256 + 10 } as const

/** Error codes of the kernel for sets, beside those of errno. */
export const ipsetErrors = { full: 4352, notThere: 4103 } as const

/** A member: what of it stands depends on the type of the set. */
export interface IpsetMember {
  /** 4 or 16 octets. */
  readonly ip?: Uint8Array
  readonly ip2?: Uint8Array
  readonly port?: number
  readonly ipProtocol?: number
  readonly mac?: Uint8Array
  readonly mark?: number
  /** Seconds; left out: the set's own. */
  readonly timeout?: number
  readonly skb?: {
    readonly mark?: number
    readonly mask?: number
    readonly priority?: number
    readonly queue?: number
  }
}

function writeAddress(writer: MessageWriter, type: number, ip: Uint8Array | undefined): void {
  if (ip === undefined) return
  const at = writer.open(type)
  writer.bytesOf((ip.length === 4 ? 1 : 2) | netOrder, ip)
  writer.close(at)
}

function writeMember(writer: MessageWriter, member: IpsetMember): void {
  const data = writer.open(attribute.data)
  writeAddress(writer, attribute.ip, member.ip)
  if (member.port !== undefined) writer.u16(attribute.port | netOrder, member.port)
  if (member.ipProtocol !== undefined) writer.u8(attribute.ipProtocol, member.ipProtocol)
  writeAddress(writer, attribute.ip2, member.ip2)
  if (member.mac !== undefined) writer.bytesOf(attribute.ether, member.mac)
  if (member.mark !== undefined) writer.u32(attribute.mark | netOrder, member.mark)
  if (member.timeout !== undefined) writer.u32(attribute.timeout | netOrder, member.timeout)
  const { mark, mask = 0xffffffff, priority, queue } = member.skb ?? {}
  if (mark !== undefined) writer.pair(attribute.skbMark | netOrder, mark, mask)
  if (priority !== undefined) writer.u32(attribute.skbPriority | netOrder, priority)
  if (queue !== undefined) writer.u16(attribute.skbQueue | netOrder, queue)
  writer.close(data)
}

/**
 * Adds members to a set, or takes them out, with one message. At the first that is refused the
 * kernel stops: those behind it are not done.
 *
 * @param family AF_INET or AF_INET6
 */
export function writeMembers(
  writer: MessageWriter,
  sequence: number,
  what: keyof typeof message,
  set: { readonly name: string; readonly family: number },
  members: readonly IpsetMember[]
): void {
  writer.begin({ type: message[what], flags: 0, sequence, family: set.family })
  writer.u8(attribute.protocol, protocolVersion)
  writer.text(attribute.setName, set.name)
  writer.u32(attribute.line, 1)
  const list = writer.open(attribute.adt)
  for (const member of members) writeMember(writer, member)
  writer.close(list)
  writer.end()
}

/** Takes every member out of a set. */
export function writeFlushSet(writer: MessageWriter, sequence: number, name: string): void {
  writer.begin({ type: flushMessage, flags: 0, sequence, family: 0 })
  writer.u8(attribute.protocol, protocolVersion)
  writer.text(attribute.setName, name)
  writer.end()
}
