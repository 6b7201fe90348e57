import type { At, Connection } from '../../cli/demo/endpoint-protocol.ts'
import type { LookupInput } from '../../lookup-api/query.ts'
import { formatInstant } from '../../model/time.ts'
import type { LoggedEvent } from './conntrack-log.ts'

/** What is known of a connection because we made it. Times are microseconds since 1970. */
export interface Truth {
  readonly name: string
  readonly protocol: string
  readonly inside: At
  readonly public: At
  readonly remote: At
  /** Its first packet left between these two. */
  readonly startUs: number
  readonly establishedUs: number
}

/** A connection that an inside host opened: the world saw it at its public address. */
export function outgoing(name: string, made: Connection): Truth {
  const { protocol, local, seenAs, remote, startUs, establishedUs } = made
  return { name, protocol, inside: local, public: seenAs, remote, startUs, establishedUs }
}

/** A connection that came in through a port forward to `inside`. */
export function incoming(name: string, made: Connection, inside: At): Truth {
  const { protocol, local, remote, startUs, establishedUs } = made
  return { name, protocol, inside, public: remote, remote: local, startUs, establishedUs }
}

/** How far around an instant the questions of a test look: less than what tells instants apart. */
export const toleranceUs = 100_000

/** The question who had the public end of a connection at an instant. */
export function question({ public: end, protocol }: Truth, atUs: number): LookupInput {
  return {
    ip: end.ip,
    port: String(end.port),
    protocol,
    at: formatInstant(atUs),
    tolerance: `${toleranceUs / 1000}ms`,
  }
}

const same = (at: At, ip: string, port: number): boolean => at.ip === ip && at.port === port

/** The events that conntrack printed of a connection. */
export function eventsOf(truth: Truth, events: readonly LoggedEvent[]): LoggedEvent[] {
  return events.filter(({ protocol, original, reply }) => {
    if (protocol !== truth.protocol) return false
    const out = same(truth.inside, original.src, original.sport)
    const back = same(truth.inside, reply.src, reply.sport)
    return out || back
  })
}
