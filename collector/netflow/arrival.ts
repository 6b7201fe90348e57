/** How a message came: over UDP templates cannot be withdrawn (RFC 7011 §8.4). */
export type Transport = 'udp' | 'stream'

/** Who sent a datagram, where and when it was heard. */
export interface Arrival {
  readonly w0: number
  readonly w1: number
  readonly w2: number
  readonly w3: number
  readonly port: number
  readonly atUs: number
  readonly transport: Transport
}

/** A message while its sets are read. */
export interface Message {
  readonly version: 5 | 9 | 10
  readonly exportUs: number
  /** -1 where it has none. */
  readonly sysUptimeMs: number
  readonly arrivalUs: number
}
