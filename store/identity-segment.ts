import type { HoldingKind, IdentityEvent } from '../model/identity.ts'
import { keptMac, keptText, textOfPrefix } from './identity-text.ts'

/**
 * What tells one holder from another. Statements that disagree in one of these are never put
 * together, whatever their key says.
 */
const holderFields = ['user', 'mac', 'duid', 'circuitId', 'remoteId'] as const

/** What a holding says beside its times. */
export interface Facts {
  readonly user?: string | undefined
  readonly mac?: string | undefined
  readonly duid?: string | undefined
  readonly clientId?: string | undefined
  readonly circuitId?: string | undefined
  readonly remoteId?: string | undefined
  readonly hostname?: string | undefined
  readonly session?: string | undefined
  readonly nas?: string | undefined
  readonly station?: string | undefined
}

/**
 * A holding as it is folded: a row of `identity.holding`. Times are microseconds since 1970.
 *
 * ```
 *   startUs            aliveUs      stopUs, or min(untilUs, boundUs)
 *      |== surely held ====|--- held at most ---|
 * ```
 */
export interface Segment {
  /** Of the row; undefined while there is none yet. */
  id: string | undefined
  readonly kind: HoldingKind
  /** CIDR text, and undefined for a device without an address. */
  readonly prefix: string | undefined
  /** Digest of the key. */
  key: string
  startUs: number
  startKnown: boolean
  /** The last time that it was said to be held. */
  aliveUs: number
  /** Until when the statement of `aliveUs` promises it; Infinity where it does not say. */
  untilUs: number
  /** When it was said to have ended; `stopTold` is false where that was only inferred. */
  stopUs: number | undefined
  stopTold: boolean
  /** When something else shows that it had ended; Infinity where nothing does. */
  boundUs: number
  weak: boolean
  facts: Facts
  firstRecord: string
  lastRecord: string
  /** True where the row must be written. */
  changed: boolean
  /** True where its facts must be written too. */
  factsChanged: boolean
  /** True where `boundUs` must be looked for among all rows. */
  recheck: boolean
}

/** The last time that anything was said of it. */
export function reachOf({ aliveUs, stopUs }: Segment): number {
  return stopUs === undefined ? aliveUs : Math.max(aliveUs, stopUs)
}

/** Up to where it was surely held. */
export function sureUntilOf({ stopTold, stopUs, aliveUs }: Segment): number {
  return stopTold && stopUs !== undefined ? stopUs : aliveUs
}

/** True where its end was told and nothing speaks against it. */
export function isEndKnown({ stopTold, stopUs, aliveUs }: Segment): boolean {
  return stopTold && stopUs !== undefined && aliveUs <= stopUs
}

/** When something else shows that it had ended, unless what was told contradicts that. */
export function validBoundOf(segment: Segment): number {
  return segment.boundUs < sureUntilOf(segment) ? Infinity : segment.boundUs
}

/** When it ended at the latest. */
export function endOf(segment: Segment): number {
  const { stopUs, stopTold, aliveUs, untilUs } = segment
  const bound = validBoundOf(segment)
  if (stopUs === undefined) return Math.max(aliveUs, Math.min(untilUs, bound))
  if (!stopTold) return Math.max(aliveUs, Math.min(stopUs, bound))
  return Math.max(stopUs, Math.min(aliveUs, bound))
}

/** An end that says nothing else: nobody knows since when it was held. */
export function isBareEnd({ startUs, startKnown, aliveUs, stopUs }: Segment): boolean {
  return !startKnown && stopUs === startUs && aliveUs === startUs
}

/** A statement as the shortest holding that it proves. */
export function statementOf(event: IdentityEvent, key: string): Segment {
  const { atUs, what } = event
  const isEnd = what === 'end'
  const told = event.startUs !== undefined && event.startUs <= atUs ? event.startUs : undefined
  const sureUs = isEnd && event.sureUs !== undefined ? Math.min(event.sureUs, atUs) : undefined
  const startUs = what === 'start' ? atUs : Math.min(told ?? atUs, sureUs ?? atUs)
  const record = keptText(event.record) ?? '-'
  return {
    id: undefined,
    kind: event.kind,
    prefix: textOfPrefix(event.prefix),
    key,
    startUs,
    startKnown: what === 'start' || told !== undefined,
    aliveUs: isEnd ? (sureUs ?? startUs) : atUs,
    untilUs: isEnd ? Infinity : Math.max(atUs, event.untilUs ?? Infinity),
    stopUs: isEnd ? atUs : undefined,
    stopTold: isEnd && sureUs === undefined,
    boundUs: Infinity,
    weak: event.weak === true,
    facts: factsOf(event),
    firstRecord: record,
    lastRecord: record,
    changed: true,
    factsChanged: false,
    recheck: true,
  }
}

/** Always the same members in the same order: millions of them are compared. */
function factsOf({ device, user, session, nas, station }: IdentityEvent): Facts {
  return {
    user: keptText(user),
    mac: keptMac(device.mac),
    duid: keptText(device.duid),
    clientId: keptText(device.clientId),
    circuitId: keptText(device.circuitId),
    remoteId: keptText(device.remoteId),
    hostname: keptText(device.hostname),
    session: keptText(session),
    nas: keptText(nas),
    station: keptText(station),
  }
}

/** True where both say the same. */
export function isSameFacts(a: Facts, b: Facts): boolean {
  return (
    a.user === b.user &&
    a.mac === b.mac &&
    a.duid === b.duid &&
    a.clientId === b.clientId &&
    a.circuitId === b.circuitId &&
    a.remoteId === b.remoteId &&
    a.hostname === b.hostname &&
    a.session === b.session &&
    a.nas === b.nas &&
    a.station === b.station
  )
}

/** True where nothing speaks against both being of one holder. */
export function isSameHolder(a: Facts, b: Facts): boolean {
  if (a === b) return true
  for (const field of holderFields) {
    const [one, other] = [a[field], b[field]]
    if (one !== undefined && other !== undefined && one !== other) return false
  }
  return true
}

/** What is known of a holder, and what else another one says of it. */
export function withHolder(known: Facts | undefined, added: Facts): Facts {
  if (known === undefined || known === added) return added
  const lacks = holderFields.some(
    (field) => known[field] === undefined && added[field] !== undefined
  )
  if (!lacks) return known
  const all: Record<string, string | undefined> = { ...known }
  for (const field of holderFields) all[field] ??= added[field]
  return all
}

/** What two segments say together; where both say something, the later one counts. */
export function addFacts(segment: Segment, other: Segment, isLater: boolean): void {
  let added: Record<string, string> | undefined
  if (other.facts !== segment.facts)
    for (const name in other.facts) {
      const [text, known] = [other.facts[name as keyof Facts], segment.facts[name as keyof Facts]]
      if (text === undefined || known === text || (known !== undefined && !isLater)) continue
      added ??= {}
      added[name] = text
    }
  if (added !== undefined) {
    segment.facts = { ...segment.facts, ...added }
    segment.changed = true
    segment.factsChanged = true
  }
  if (other.weak && !segment.weak) {
    segment.weak = true
    segment.changed = true
  }
  if (isLater) segment.lastRecord = other.lastRecord
}
