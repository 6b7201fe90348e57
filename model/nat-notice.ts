import { natEvents } from './nat-events.ts'

/** What a gateway said of its limits: a quota, a threshold, or that it had nothing left. */
export interface NatNotice {
  readonly atUs: number
  readonly source: string
  /** In the numbers of RFC 8158; one that it does not have stays as it was told. */
  readonly event: number
  /** natQuotaExceededEvent (element 466) or natThresholdEvent (467). */
  readonly detail: number | undefined
  /** The value that was configured (elements 471 to 481). */
  readonly configuredLimit: number | undefined
  readonly protocol: number
  readonly vrf: number
  readonly inside: string | undefined
  readonly public: string | undefined
  readonly user: string
  readonly pool: string
}

/** Names of the events that begin and end nothing. */
export const natNoticeNames = {
  'addresses-exhausted': natEvents.addressesExhausted,
  'ports-exhausted': natEvents.portsExhausted,
  'quota-exceeded': natEvents.quotaExceeded,
  'threshold-reached': natEvents.thresholdReached,
} as const

/** Name of one of them. */
export type NatNoticeName = keyof typeof natNoticeNames

/** IANA's values of natQuotaExceededEvent, from 1 on. */
const quotas = [
  'max-session-entries',
  'max-bib-entries',
  'max-entries-per-user',
  'max-subscribers',
  'max-fragments-pending-reassembly',
] as const

/** IANA's values of natThresholdEvent, from 1 on. */
const thresholds = [
  'address-pool-high-threshold',
  'address-pool-low-threshold',
  'address-port-mapping-high-threshold',
  'address-port-mapping-per-user-high-threshold',
  'global-address-mapping-high-threshold',
] as const

/** The name of an event; undefined where RFC 8158 has none. */
export function natNoticeName(event: number): NatNoticeName | undefined {
  const names = Object.keys(natNoticeNames) as NatNoticeName[]
  return names.find((name) => natNoticeNames[name] === event)
}

/** Which limit an event is of; undefined where that was not told, or is a number of the vendor. */
export function natLimitName({ event, detail = 0 }: NatNotice): string | undefined {
  if (event === natEvents.quotaExceeded) return quotas[detail - 1]
  return event === natEvents.thresholdReached ? thresholds[detail - 1] : undefined
}

/** Which notices a page lists: those in [fromUs, toUs). */
export interface NatNoticeQuery {
  readonly fromUs: number
  readonly toUs: number
  /** Number of the event (RFC 8158); left out: every one. */
  readonly event?: number | undefined
  /** Name of the source; left out: every one. */
  readonly source?: string | undefined
  readonly pool?: string | undefined
  readonly limit: number
  /** `next` of the page before. */
  readonly cursor?: string | undefined
}
