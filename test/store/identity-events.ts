import { parsePrefix } from '../../model/address.ts'
import type { HoldingKind, IdentityEvent } from '../../model/identity.ts'

/** A statement of a test, in minutes since {@link baseUs}. */
export interface TestEvent {
  readonly what?: IdentityEvent['what']
  readonly kind?: HoldingKind
  readonly at: number
  readonly start?: number
  readonly sure?: number
  readonly until?: number
  readonly prefix?: string | null
  readonly key?: string
  readonly mac?: string
  readonly user?: string
  readonly nas?: string
  readonly station?: string
  readonly duid?: string
  readonly circuit?: string
  readonly remote?: string
  readonly record?: string
}

export const baseUs = Date.UTC(2026, 2, 1) * 1000
export const minuteUs = 60e6

const us = (minutes: number): number => baseUs + minutes * minuteUs

/** A statement, by default of a lease of 10.0.0.7. */
export function eventOf(given: TestEvent): IdentityEvent {
  const { what = 'alive', kind = 'lease', prefix = '10.0.0.7', mac, duid, key = mac ?? 'k' } = given
  const parsed = prefix === null ? undefined : parsePrefix(prefix)
  return {
    what,
    kind,
    atUs: us(given.at),
    ...(given.start === undefined ? {} : { startUs: us(given.start) }),
    ...(given.sure === undefined ? {} : { sureUs: us(given.sure) }),
    ...(given.until === undefined ? {} : { untilUs: us(given.until) }),
    ...(parsed === undefined ? {} : { prefix: parsed }),
    key,
    device: {
      ...(mac === undefined ? {} : { mac }),
      ...(duid === undefined ? {} : { duid }),
      ...(given.circuit === undefined ? {} : { circuitId: given.circuit }),
      ...(given.remote === undefined ? {} : { remoteId: given.remote }),
    },
    ...(given.user === undefined ? {} : { user: given.user }),
    ...(given.nas === undefined ? {} : { nas: given.nas }),
    ...(given.station === undefined ? {} : { station: given.station }),
    record: given.record ?? `test:${given.at}`,
  }
}
