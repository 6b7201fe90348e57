import { addFacts, isBareEnd, reachOf, sureUntilOf, validBoundOf } from './identity-segment.ts'
import type { Segment } from './identity-segment.ts'

/**
 * Puts statements about a client and its address together to holdings: leases, neighbours, log-ins.
 * The key comes back: after an end, after a lease that lapsed or once another holder was seen, a
 * statement opens a new holding. Sessions, whose key does not, are folded by identity-sessions.ts.
 *
 * Pure, and indifferent to the order in which statements come and to how often, as far as their
 * times decide: what is stated late finds its place by its time. Of two statements of one instant
 * the one that comes last counts: released and lent again within a second is lent.
 *
 * A list holds the segments of one key and prefix, oldest first.
 *
 * @param drop is told of each segment that turned out to be part of another one
 */
export function foldRecurring(list: Segment[], statement: Segment, drop: Drop): void {
  const at = statement.stopUs === undefined ? foldAlive(list, statement) : foldEnd(list, statement)
  if (at >= 0) joinFollowing(list, at, drop)
}

/** Told of a segment that is part of another one from then on. */
export type Drop = (part: Segment, whole: Segment) => void

/** The last segment that begins at `us` or earlier; -1 where there is none. */
export function indexAt(list: readonly Segment[], us: number): number {
  let index = list.length - 1
  while (index >= 0 && (list[index]?.startUs ?? 0) > us) index--
  return index
}

/** Puts a segment where its start belongs; gives its place. */
export function insert(list: Segment[], segment: Segment): number {
  const at = indexAt(list, segment.startUs) + 1
  list.splice(at, 0, segment)
  return at
}

/** The later sighting counts, with what it promises; of one instant, what promises more. */
export function takeAlive(segment: Segment, aliveUs: number, untilUs: number): void {
  if (aliveUs > segment.aliveUs) {
    if (aliveUs > segment.boundUs) segment.recheck = true
    segment.aliveUs = aliveUs
    segment.untilUs = untilUs
    segment.changed = true
  } else if (aliveUs === segment.aliveUs && untilUs !== Infinity && untilUs !== segment.untilUs) {
    const both = segment.untilUs === Infinity ? untilUs : Math.max(untilUs, segment.untilUs)
    if (both !== segment.untilUs) segment.changed = true
    segment.untilUs = both
  }
}

/** Lets a segment begin earlier, or says that its beginning is known. */
export function takeStart(segment: Segment, { startUs, startKnown, firstRecord }: Segment): void {
  if (startUs < segment.startUs) {
    segment.startUs = startUs
    segment.startKnown = startKnown
    segment.firstRecord = firstRecord
    segment.changed = true
    segment.recheck = true
  } else if (startUs === segment.startUs && startKnown && !segment.startKnown) {
    segment.startKnown = true
    segment.changed = true
  }
}

function setStop(segment: Segment, stopUs: number | undefined, told: boolean): void {
  if (segment.stopUs === stopUs && segment.stopTold === told) return
  segment.stopUs = stopUs
  segment.stopTold = told
  segment.changed = true
}

/** Up to when a statement still speaks of this holding, where nobody said that it ended. */
function openUntil(segment: Segment): number {
  return Math.min(segment.untilUs, validBoundOf(segment))
}

/** @returns the place of the segment that took it up, or -1 */
function foldAlive(list: Segment[], statement: Segment): number {
  const at = indexAt(list, statement.aliveUs)
  const segment = list[at]
  if (segment === undefined) return insert(list, statement)
  const { stopUs } = segment
  // An end in between was told: what was held before it is another holding.
  const cut = stopUs !== undefined && stopUs > statement.startUs && stopUs < statement.aliveUs
  if (cut) beginAtSight(statement)
  if (isLentAgain(segment, statement)) {
    setStop(segment, statement.aliveUs, false)
    if (statement.startUs < statement.aliveUs) beginAtSight(statement)
    return insert(list, statement)
  }
  const goesOn =
    stopUs === undefined
      ? Math.min(statement.aliveUs, earliest(statement)) <= openUntil(segment)
      : statement.aliveUs <= stopUs
  if (!goesOn) return insert(list, statement)
  addFacts(segment, statement, statement.aliveUs > reachOf(segment))
  if (statement.aliveUs === stopUs) setStop(segment, undefined, false)
  takeAlive(segment, statement.aliveUs, statement.untilUs)
  const before = list[at - 1]
  if (before === undefined || reachOf(before) <= statement.startUs) takeStart(segment, statement)
  return at
}

/**
 * True where an end was only inferred, for some time up to the end of a lease, and the address was
 * lent to the same client again before that.
 */
function isLentAgain(segment: Segment, { aliveUs, untilUs }: Segment): boolean {
  const { stopUs, stopTold } = segment
  if (stopUs === undefined || stopTold || untilUs === Infinity) return false
  return aliveUs > segment.aliveUs && aliveUs < stopUs && untilUs > stopUs
}

/** What it says of its beginning contradicts what is known. */
function beginAtSight(statement: Segment): void {
  statement.startUs = statement.aliveUs
  statement.startKnown = false
}

/** When the statement says that it began. */
function earliest({ startUs, startKnown, aliveUs }: Segment): number {
  return startKnown ? startUs : aliveUs
}

/** @returns the place of the segment that was given its end or follows it, or -1 */
function foldEnd(list: Segment[], statement: Segment): number {
  const { stopUs = 0, stopTold, aliveUs } = statement
  // An end that was only inferred is of what was surely held before.
  const about = stopTold ? -1 : indexAt(list, aliveUs)
  const at = about >= 0 ? about : indexAt(list, stopUs)
  const segment = list[at]
  if (segment === undefined) return insert(list, statement)
  if (!stopTold && segment.stopUs === undefined && isLentAgain(statement, segment)) {
    return split(list, at, { ...statement, stopUs: segment.aliveUs })
  }
  const overUs = segment.stopUs ?? openUntil(segment)
  if (statement.startKnown && statement.startUs > overUs) return insert(list, statement)
  if (segment.aliveUs > stopUs) return split(list, at, statement)
  addFacts(segment, statement, stopUs > reachOf(segment))
  // What is surely held up to the end that was inferred promises nothing new.
  if (!stopTold && aliveUs > segment.aliveUs && segment.stopUs === undefined) {
    takeAlive(segment, Math.min(aliveUs, Math.max(overUs, segment.aliveUs)), segment.untilUs)
  }
  closeBy(segment, stopUs, stopTold)
  const before = list[at - 1]
  if (statement.startKnown && (before === undefined || reachOf(before) <= statement.startUs)) {
    takeStart(segment, statement)
  }
  return at
}

/** Ends a segment; one that had lapsed or was over by then is not made longer. */
function closeBy(segment: Segment, stopUs: number, told: boolean): void {
  if (segment.stopUs !== undefined) {
    if (stopUs < segment.stopUs) setStop(segment, stopUs, told)
    else if (stopUs === segment.stopUs && told) setStop(segment, stopUs, true)
    return
  }
  const boundUs = validBoundOf(segment)
  const lapsedUs = Math.max(segment.untilUs, segment.aliveUs)
  if (boundUs < Math.min(stopUs, lapsedUs)) setStop(segment, boundUs, false)
  else setStop(segment, Math.min(stopUs, lapsedUs), told)
}

/**
 * An end inside of what was put together before it came: what was held after it is a holding of its
 * own, of which only the last sighting is known.
 */
function split(list: Segment[], at: number, { stopUs = 0, stopTold, aliveUs }: Segment): number {
  const segment = list[at]
  if (segment === undefined) return -1
  const rest: Segment = {
    ...segment,
    id: undefined,
    startUs: segment.aliveUs,
    startKnown: false,
    boundUs: Infinity,
    firstRecord: segment.lastRecord,
    changed: true,
    recheck: true,
  }
  segment.aliveUs = stopTold ? segment.startUs : Math.max(segment.startUs, aliveUs)
  segment.boundUs = Infinity
  segment.changed = true
  setStop(segment, stopUs, stopTold)
  list.splice(at + 1, 0, rest)
  return at + 1
}

/** Puts what follows into a segment where it turns out to be of the same holding. */
function joinFollowing(list: Segment[], at: number, drop: Drop): void {
  const segment = list[at]
  if (segment === undefined) return
  for (;;) {
    const next = list[at + 1]
    if (next === undefined) return
    const isEcho = isBareEnd(next)
    if (!isEcho && (segment.stopUs !== undefined || next.startUs > openUntil(segment))) return
    if (isEcho) closeBy(segment, next.stopUs ?? next.startUs, next.stopTold)
    else join(segment, next)
    addFacts(segment, next, next.aliveUs > sureUntilOf(segment))
    list.splice(at + 1, 1)
    drop(next, segment)
  }
}

/** An open segment goes on as the next one did. */
function join(segment: Segment, next: Segment): void {
  segment.aliveUs = next.aliveUs
  segment.untilUs = next.untilUs
  segment.boundUs = next.boundUs
  segment.lastRecord = next.lastRecord
  segment.changed = true
  segment.recheck = true
  setStop(segment, next.stopUs, next.stopTold)
}
