/** Connections of every shape that conntrack tells of, and how it writes them. */

export interface Connection {
  readonly protocol: 'tcp' | 'udp' | 'icmp' | 'icmpv6'
  /** `source source-port destination destination-port`, both ways; of ICMP the ids. */
  readonly original: readonly [string, number, string, number]
  readonly reply: readonly [string, number, string, number]
  /** Packets and octets of both directions. */
  readonly counts: readonly [number, bigint, number, bigint]
}

export const connections: readonly Connection[] = [
  {
    protocol: 'tcp',
    original: ['10.0.0.5', 40001, '203.0.113.7', 443],
    reply: ['203.0.113.7', 443, '192.0.2.1', 61284],
    counts: [7, 2006n, 9, 2n ** 53n + 1n],
  },
  {
    protocol: 'icmp',
    original: ['10.0.0.9', 4321, '198.51.100.9', 0],
    reply: ['198.51.100.9', 0, '192.0.2.1', 7],
    counts: [1, 84n, 1, 84n],
  },
  {
    protocol: 'tcp',
    original: ['2001:db8:100::5', 5555, '2001:db8:1::1', 80],
    reply: ['2001:db8:1::1', 80, '2001:db8:100::5', 5555],
    counts: [3, 300n, 2, 200n],
  },
  {
    // A port forwarded to a host inside.
    protocol: 'tcp',
    original: ['203.0.113.5', 5555, '192.0.2.1', 80],
    reply: ['10.0.0.8', 8080, '203.0.113.5', 5555],
    counts: [4, 400n, 5, 500n],
  },
  {
    // Translated both ways: from inside to the public address of a host inside.
    protocol: 'udp',
    original: ['10.0.0.6', 1000, '192.0.2.1', 53],
    reply: ['10.0.0.8', 5353, '192.0.2.1', 2000],
    counts: [1, 60n, 1, 90n],
  },
  {
    // Untranslated, and no answer.
    protocol: 'udp',
    original: ['10.0.0.6', 1001, '203.0.113.53', 53],
    reply: ['203.0.113.53', 53, '10.0.0.6', 1001],
    counts: [1, 61n, 0, 0n],
  },
  {
    protocol: 'icmpv6',
    original: ['2001:db8:100::6', 99, '2001:db8:1::1', 0],
    reply: ['2001:db8:1::1', 0, '2001:db8:100::6', 99],
    counts: [1, 104n, 1, 104n],
  },
]

export const numbers = { tcp: 6, udp: 17, icmp: 1, icmpv6: 58 } as const
const types = { icmp: [8, 0], icmpv6: [128, 129] } as const
export const startMs = (index: number): number => 1_363_698_560_100 + index * 1000
export const endMs = (index: number): number => startMs(index) + 60_000
export const isV4 = ({ original }: Connection): boolean => !original[0].includes(':')
export const isIcmp = ({ protocol }: Connection): boolean => protocol.startsWith('icmp')
export const isSame = ({ original: o, reply: r }: Connection): boolean =>
  o[0] === r[2] && o[1] === r[3] && o[2] === r[0] && o[3] === r[1]

function tupleOf(protocol: Connection['protocol'], end: Connection['original'], isReply: boolean) {
  const [source, port, destination, to] = end
  if (protocol === 'tcp' || protocol === 'udp') {
    return `src=${source} dst=${destination} sport=${port} dport=${to}`
  }
  const type = types[protocol][isReply ? 1 : 0]
  return `src=${source} dst=${destination} type=${type} code=0 id=${isReply ? to : port}`
}

/** A connection as `conntrack -E -o timestamp,id` writes its beginning and its end. */
export function eventsOf(one: Connection, index: number): string {
  const { protocol, original, reply, counts } = one
  const [packets, bytes, backPackets, backBytes] = counts
  const [there, back] = [tupleOf(protocol, original, false), tupleOf(protocol, reply, true)]
  const head = `${protocol} ${numbers[protocol]}`
  const at = (ms: number): string => `[${(ms / 1000).toFixed(6)}]`
  const answered = `packets=${backPackets} bytes=${backBytes}`
  return (
    `${at(startMs(index))}\t[NEW] ${head} 30 ${there} [UNREPLIED] ${back} id=${index + 70}\n` +
    `${at(endMs(index))}\t[DESTROY] ${head} ${there} packets=${packets} bytes=${bytes} ` +
    `${back} ${answered} id=${index + 70}\n`
  )
}
