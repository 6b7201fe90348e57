import { foldRecurring } from '../../store/identity-fold.ts'
import { endOf, isEndKnown, statementOf, sureUntilOf } from '../../store/identity-segment.ts'
import type { Segment } from '../../store/identity-segment.ts'
import { foldSession } from '../../store/identity-sessions.ts'
import { baseUs, eventOf, minuteUs } from './identity-events.ts'
import type { TestEvent } from './identity-events.ts'

const minutes = (us: number): number => (us === Infinity ? Infinity : (us - baseUs) / minuteUs)

/** A holding in one line: `start`, `~` where that is not known, `..sure..end`, `?` where not known. */
function text(segment: Segment): string {
  const known = segment.startKnown ? '' : '~'
  const end = `${minutes(endOf(segment))}${isEndKnown(segment) ? '' : '?'}`
  return `${known}${minutes(segment.startUs)}..${minutes(sureUntilOf(segment))}..${end}`
}

/** Folds statements of one client and address; a line for each holding. */
export function leases(events: readonly TestEvent[]): string[] {
  const list: Segment[] = []
  for (const event of events) foldRecurring(list, statementOf(eventOf(event), 'k'), () => {})
  return list.map(text)
}

/** Folds statements of one session; `restarts` in minutes. */
export function sessions(events: readonly TestEvent[], restarts: readonly number[] = []): string[] {
  const list: Segment[] = []
  const at = restarts.map((each) => baseUs + each * minuteUs)
  for (const event of events) {
    const statement = statementOf(eventOf({ kind: 'session', ...event }), 'k')
    foldSession(list, statement, event.what === 'start', at, () => {})
  }
  return list.map(text)
}
