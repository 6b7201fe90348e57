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
 * the last statement the end is not known. Only what lies far from the session, or behind a restart
 * of the NAS, is another session with the same number.
 *
 * A list holds the segments of one key and prefix, oldest first. Order and repetition of statements
 * do not matter.
 *
 * @param restarts when the NAS was restarted (us)
 * @param drop is told of each segment that turned out to be part of another one
 */
export function foldSession(
  list: Segment[],
  statement: Segment,
  restarts: readonly number[],
  drop: Drop
): void {
  let at = Math.max(0, insert(list, statement) - 1)
  for (;;) {
    const [segment, next] = [list[at], list[at + 1]]
    if (segment === undefined || next === undefined) return
    if (!isSameSession(segment, next, restarts)) {
      at++
      continue
    }
    unite(segment, next)
    list.splice(at + 1, 1)
    drop(next, segment)
    splitLate(list, at)
    // What grew may reach what stands before it.
    at = Math.max(0, at - 1)
  }
}

function isSameSession(a: Segment, b: Segment, restarts: readonly number[]): boolean {
  const reach = reachOf(a)
  if (b.startKnown) return b.startUs <= reach + sameMomentUs
  if (a.stopUs !== undefined) return b.startUs <= reach + lateUs
  const isRestarted = restarts.some((us) => us > reach && us <= b.startUs)
  return !isRestarted && b.startUs <= validBoundOf(a)
}

/** `b` began no earlier than `a`, and is part of it. */
function unite(a: Segment, b: Segment): void {
  addFacts(a, b, reachOf(b) > reachOf(a))
  if (b.startKnown && !a.startKnown) {
    a.startKnown = true
    a.changed = true
  }
  takeAlive(a, b.aliveUs, b.untilUs)
  if (b.stopUs === undefined) return
  const first = a.stopUs === undefined || b.stopUs < a.stopUs ? b : a
  const last = first === a ? b : a
  const lastUs = last.stopUs ?? -Infinity
  if (a.stopUs !== first.stopUs || a.stopTold !== first.stopTold) a.changed = true
  a.stopUs = first.stopUs
  a.stopTold = first.stopTold
  if (lastUs > (a.stopUs ?? 0)) takeAlive(a, lastUs, Infinity)
}

/** What was seen long after the Stop belongs to another session of that number. */
function splitLate(list: Segment[], at: number): void {
  const segment = list[at]
  if (segment?.stopUs === undefined || segment.aliveUs <= segment.stopUs + lateUs) return
  const rest: Segment = {
    ...segment,
    id: undefined,
    startUs: segment.aliveUs,
    startKnown: false,
    stopUs: undefined,
    stopTold: false,
    boundUs: Infinity,
    firstRecord: segment.lastRecord,
    changed: true,
    recheck: true,
  }
  segment.aliveUs = segment.stopUs
  segment.changed = true
  insert(list, rest)
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
