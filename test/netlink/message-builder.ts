/** Builds ctnetlink messages as the kernel does, for tests without one. */
export interface Tuple {
  readonly source: string
  readonly destination: string
  readonly protocol: number
  readonly sourcePort?: number
  readonly destinationPort?: number
  readonly icmp?: { readonly id: number; readonly type: number; readonly code: number }
}

export interface Entry {
  readonly original: Tuple
  readonly reply: Tuple
  readonly id?: number
  readonly mark?: number
  readonly zone?: number
  readonly status?: number
  readonly tcpState?: number
  readonly counters?: readonly [packets: bigint, octets: bigint, packets: bigint, octets: bigint]
  readonly startNs?: bigint
  readonly stopNs?: bigint
  readonly eventNs?: bigint
  /** Attributes that no kernel knows yet. */
  readonly extra?: readonly Buffer[]
}

export function attribute(type: number, value: Buffer): Buffer {
  const length = 4 + value.length
  const bytes = Buffer.alloc((length + 3) & ~3)
  bytes.writeUInt16LE(length, 0)
  bytes.writeUInt16LE(type, 2)
  value.copy(bytes, 4)
  return bytes
}

const nested = (type: number, ...inner: Buffer[]): Buffer =>
  attribute(0x8000 | type, Buffer.concat(inner))
const u8 = (value: number): Buffer => Buffer.from([value])
const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255])
function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes
}
function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(value)
  return bytes
}

function addressBytes(text: string): Buffer {
  if (!text.includes(':')) return Buffer.from(text.split('.').map(Number))
  const [head = '', tail = ''] = text.split('::')
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const missing = 8 - groups(head).length - groups(tail).length
  const all = [...groups(head), ...Array.from({ length: missing }, () => '0'), ...groups(tail)]
  return Buffer.concat(all.map((group) => u16(Number.parseInt(group, 16))))
}

function tuple(type: number, given: Tuple): Buffer {
  const v6 = given.source.includes(':')
  const ip = nested(
    1,
    attribute(v6 ? 3 : 1, addressBytes(given.source)),
    attribute(v6 ? 4 : 2, addressBytes(given.destination))
  )
  const ports = given.icmp
    ? [
        attribute(v6 ? 7 : 4, u16(given.icmp.id)),
        attribute(v6 ? 8 : 5, u8(given.icmp.type)),
        attribute(v6 ? 9 : 6, u8(given.icmp.code)),
      ]
    : [attribute(2, u16(given.sourcePort ?? 0)), attribute(3, u16(given.destinationPort ?? 0))]
  return nested(type, ip, nested(2, attribute(1, u8(given.protocol)), ...ports))
}

function attributesOf(entry: Entry): Buffer[] {
  const list = [tuple(1, entry.original), tuple(2, entry.reply)]
  if (entry.status !== undefined) list.push(attribute(3, u32(entry.status)))
  if (entry.tcpState !== undefined) {
    list.push(nested(4, nested(1, attribute(1, u8(entry.tcpState)))))
  }
  if (entry.mark !== undefined) list.push(attribute(8, u32(entry.mark)))
  if (entry.counters !== undefined) {
    const [packets, octets, replyPackets, replyOctets] = entry.counters
    list.push(nested(9, attribute(1, u64(packets)), attribute(2, u64(octets))))
    list.push(nested(10, attribute(1, u64(replyPackets)), attribute(2, u64(replyOctets))))
  }
  list.push(attribute(12, u32(entry.id ?? 1)))
  if (entry.zone !== undefined) list.push(attribute(18, u16(entry.zone)))
  const times: Buffer[] = []
  if (entry.startNs !== undefined) times.push(attribute(1, u64(entry.startNs)))
  if (entry.stopNs !== undefined) times.push(attribute(2, u64(entry.stopNs)))
  if (times.length > 0) list.push(nested(20, ...times))
  if (entry.eventNs !== undefined) list.push(attribute(27, u64(entry.eventNs)))
  return [...list, ...(entry.extra ?? [])]
}

/** A whole message: 'new' and 'destroy' as events, 'dump' as an answer to a dump request. */
export function message(kind: 'new' | 'destroy' | 'dump', entry: Entry): Buffer {
  const body = Buffer.concat(attributesOf(entry))
  const bytes = Buffer.alloc(20 + body.length)
  bytes.writeUInt32LE(bytes.length, 0)
  bytes.writeUInt16LE(kind === 'destroy' ? 0x102 : 0x100, 4)
  bytes.writeUInt16LE(kind === 'new' ? 0x600 : kind === 'dump' ? 2 : 0, 6)
  bytes.writeUInt8(entry.original.source.includes(':') ? 10 : 2, 16)
  body.copy(bytes, 20)
  return bytes
}

/** A TCP connection behind source NAT: 10.0.0.2:port as 192.0.2.1:publicPort to 198.51.100.7:443. */
export function natted(port: number, publicPort: number, rest: Partial<Entry> = {}): Entry {
  return {
    original: {
      source: '10.0.0.2',
      destination: '198.51.100.7',
      protocol: 6,
      sourcePort: port,
      destinationPort: 443,
    },
    reply: {
      source: '198.51.100.7',
      destination: '192.0.2.1',
      protocol: 6,
      sourcePort: 443,
      destinationPort: publicPort,
    },
    id: port,
    ...rest,
  }
}
