import type { ReadEvent } from '../reading.ts'

/** A line of a vendor, after its documentation, and what it tells beside its time. */
export interface Sample {
  readonly line: string
  readonly tells: readonly ReadEvent[]
}

/** The time that stands in the lines, and the second that it is. */
export const lineUs = Date.UTC(2026, 2, 1, 12) * 1000

export const bsd = '<134>Mar  1 12:00:00 gw1'

/** A session of the inside host 10.0.0.5. */
export const tcp = {
  protocol: 6,
  inside: '10.0.0.5 51000',
  outside: '192.0.2.1 20000',
  remote: '203.0.113.7 443',
  remoteAfter: '203.0.113.7 443',
}

export const bib = { protocol: 6, inside: '10.0.0.5 51000', outside: '192.0.2.1 20000' }

export const block = {
  inside: '10.0.0.5 0',
  outside: '192.0.2.1 0',
  portStart: 1024,
  portEnd: 1151,
}
