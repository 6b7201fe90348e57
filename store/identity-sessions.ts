import { indexAt, insert, takeAlive } from './identity-fold.ts'
import type { Drop } from './identity-fold.ts'
import { addFacts, reachOf, validBoundOf } from './identity-segment.ts'
import type { Segment } from './identity-segment.ts'

/**
 * Times of one session that lie this far apart still mean one moment: session times are whole
 * seconds, and a packet that was sent again does not always say for how long it waited (us).
 */
const sameMomentUs = 60e6

/** What comes this long after a Stop is a late statement of that session (us). */
const lateUs = 600e6

/**
 * Puts statements about a session together (RADIUS accounting, RFC 2866). The key names one
 * session, so what comes after its Stop is late and not a new holding: between the first Stop and
 * the last statement the end is not known. What begins anew, lies far behind the Stop, or behind a
 * restart of the NAS, is another session with the same number.
 *
 * A list holds the segments of one key and prefix, oldest first. Order and repetition of statements
 * do not matter as long as the times of two sessions do not run into each other.
 *
 * @param isStart true for a statement that the session begins, and not only when it had begun
 * @param restarts when the NAS was restarted (us)
 * @param drop is told of each segment that turned out to be part of another one
 */
export function foldSession(
  list: Segment[],
  statement: Segment,
  isStart: boolean,
  restarts: readonly number[],
  drop: Drop
): void {
  let at = Math.max(0, insert(list, statement) - 1)
  for (;;) {
    const [segment, next] = [list[at], list[at + 1]]
    if (segment === undefined || next === undefined) return
    const isDerived = !isStart && (segment === statement || next === statement)
    if (!isSameSession(segment, next, isDerived, restarts)) {
      if (next.startKnown) giveLater(segment, next)
      at++
      continue
    }
    const rest = unite(segment, next)
    list.splice(at + 1, 1)
    drop(next, segment)
    if (rest !== undefined) insert(list, rest)
    // What grew may reach what stands before it.
    at = Math.max(0, at - 1)
  }
}

function isSameSession(
  a: Segment,
  b: Segment,
  isDerived: boolean,
  restarts: readonly number[]
): boolean {
  const reach = reachOf(a)
  if (b.startKnown) {
    return b.startUs <= (isDerived ? reach : a.startUs) + sameMomentUs
  }
  if (a.stopUs !== undefined) return b.startUs <= reach + lateUs
  const isRestarted = restarts.some((us) => us > reach && us <= b.startUs)
  return !isRestarted && b.startUs <= validBoundOf(a)
}

/** What was taken for `a` before `b` was known to begin is of `b`. */
function giveLater(a: Segment, b: Segment): void {
  if (reachOf(a) <= b.startUs) return
  if (a.aliveUs > b.startUs) {
    takeAlive(b, a.aliveUs, a.untilUs)
    a.aliveUs = a.startUs
  }
  if (a.stopUs !== undefined && a.stopUs > b.startUs) {
    if (b.stopUs === undefined || a.stopUs < b.stopUs) {
      b.stopUs = a.stopUs
      b.stopTold = a.stopTold
    }
    a.stopUs = undefined
    a.stopTold = false
  }
  for (const each of [a, b]) {
    each.changed = true
    each.recheck = true
  }
}

/**
 * Makes `b`, which began no earlier, part of `a`.
 *
 * @returns what was seen long after the Stop, and so belongs to another session of that number
 */
function unite(a: Segment, b: Segment): Segment | undefined {
  addFacts(a, b, reachOf(b) > reachOf(a))
  if (b.startKnown && !a.startKnown) {
    a.startKnown = true
    a.changed = true
  }
  takeAlive(a, b.aliveUs, b.untilUs)
  const stops = [a, b].filter(({ stopUs }) => stopUs !== undefined)
  const [first, last] = stops.toSorted((x, y) => (x.stopUs ?? 0) - (y.stopUs ?? 0))
  if (first?.stopUs === undefined) return undefined
  const lateFrom = first.stopUs + lateUs
  const again = last?.stopUs === undefined || last.stopUs <= lateFrom ? undefined : { ...last }
  if (a.stopUs !== first.stopUs || a.stopTold !== first.stopTold) a.changed = true
  const rest = restOf(a, lateFrom, again)
  if (last?.stopUs !== undefined && again === undefined && last.stopUs > first.stopUs) {
    takeAlive(a, last.stopUs, Infinity)
  }
  a.stopUs = first.stopUs
  a.stopTold = first.stopTold
  return rest
}

/** Takes out of `a` what was seen after `lateFrom`. */
function restOf(a: Segment, lateFrom: number, again: Segment | undefined): Segment | undefined {
  const isSeen = a.aliveUs > lateFrom
  const startUs = Math.min(isSeen ? a.aliveUs : Infinity, again?.stopUs ?? Infinity)
  if (startUs === Infinity) return undefined
  const rest: Segment = {
    ...a,
    id: undefined,
    startUs,
    startKnown: false,
    aliveUs: isSeen ? a.aliveUs : startUs,
    stopUs: again?.stopUs,
    stopTold: again?.stopTold ?? false,
    boundUs: Infinity,
    firstRecord: a.lastRecord,
    changed: true,
    recheck: true,
  }
  if (isSeen) a.aliveUs = a.startUs
  a.changed = true
  return rest
}

/**
 * The Stop of a session ends all that it held: what has another prefix ended by then too.
 *
 * @param lists the segments of one key, a list for each prefix
 */
export function endWithSession(lists: Iterable<readonly Segment[]>): void {
  const all = [...lists]
  if (all.length < 2) return
  for (const list of all) {
    for (const { stopUs } of list) {
      if (stopUs === undefined) continue
      for (const other of all) {
        const held = other === list ? undefined : other[indexAt(other, stopUs)]
        if (held === undefined || held.stopUs !== undefined || held.aliveUs > stopUs) continue
        if (stopUs >= held.boundUs) continue
        held.boundUs = stopUs
        held.changed = true
      }
    }
  }
}
