/**
 * The kernel's enum tcp_conntrack, by the names that it prints. SYN_SENT2 is a simultaneous open.
 */
export const tcpStates: Readonly<Record<string, number>> = {
  SYN_SENT: 1,
  SYN_RECV: 2,
  ESTABLISHED: 3,
  FIN_WAIT: 4,
  CLOSE_WAIT: 5,
  LAST_ACK: 6,
  TIME_WAIT: 7,
  CLOSE: 8,
  SYN_SENT2: 9,
}

/**
 * The fields (`key=`) that are read. A field's bit is `1 << number`; those below `mark` stand once
 * in each direction, those from `mark` on once in a line.
 */
export const textFields = {
  src: 0,
  dst: 1,
  sport: 2,
  dport: 3,
  type: 4,
  code: 5,
  id: 6,
  srckey: 7,
  dstkey: 8,
  packets: 9,
  bytes: 10,
  mark: 11,
  zone: 12,
  'zone-orig': 13,
  'delta-time': 14,
  progname: 15,
  /** Only expectations have these. */
  proto: 16,
  'mask-src': 17,
  'master-src': 18,
} as const

/** What stands for every field that is known and says nothing of who held what. */
export const toleratedField = 30
/** What stands for a field that is not known. */
export const unknownField = 31

const tolerated = [
  'use',
  'secctx',
  'secmark',
  'labels',
  'helper',
  'portid',
  'zone-reply',
  'timeout',
  'stream_timeout',
]

/** Flags that say nothing of who held what; ASSURED and USERSPACE are read. */
export const toleratedFlags: ReadonlySet<string> = new Set(['UNREPLIED', 'OFFLOAD', 'HW_OFFLOAD'])

interface Named {
  readonly name: string
  readonly field: number
}

/** One step of the hash under which a field is found. */
export function hashStep(hash: number, code: number): number {
  return (Math.imul(hash, 31) + code) & 0x3fffffff
}

function hashOf(name: string): number {
  let hash = 0
  for (let at = 0; at < name.length; at++) hash = hashStep(hash, name.charCodeAt(at))
  return hash
}

const byHash = new Map<number, Named>([
  ...tolerated.map((name) => [hashOf(name), { name, field: toleratedField }] as const),
  ...Object.entries(textFields).map(([name, field]) => [hashOf(name), { name, field }] as const),
])

/**
 * Which field stands at `from`, found by the hash of its name, without a string being made: this
 * runs some fifteen times a line.
 */
export function fieldAt(line: string, from: number, length: number, hash: number): number {
  const named = byHash.get(hash)
  if (named === undefined || named.name.length !== length) return unknownField
  return line.startsWith(named.name, from) ? named.field : unknownField
}
