/** The kernel's enum tcp_conntrack, by the names that it prints. SYN_SENT2 is a simultaneous open. */
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

/** Fields that stand once in each direction, each with its bit. */
export const directionKeys: Readonly<Record<string, number>> = {
  src: 1,
  dst: 2,
  sport: 4,
  dport: 8,
  type: 16,
  code: 32,
  id: 64,
  srckey: 128,
  dstkey: 256,
  packets: 512,
  bytes: 1024,
}

/** Fields and flags that are known and say nothing of who held what. */
export const toleratedKeys: ReadonlySet<string> = new Set([
  'UNREPLIED',
  'OFFLOAD',
  'HW_OFFLOAD',
  'use',
  'secctx',
  'secmark',
  'labels',
  'helper',
  'portid',
  'zone-reply',
  'timeout',
  'timeout,',
  'stream_timeout',
  'rx_timeout',
])
