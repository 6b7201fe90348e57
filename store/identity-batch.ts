import type { IdentityEvent } from '../model/identity.ts'
import { foldRecurring } from './identity-fold.ts'
import type { Drop } from './identity-fold.ts'
import {
  endOf,
  isEndKnown,
  isSameHolder,
  statementOf,
  sureUntilOf,
  validBoundOf,
} from './identity-segment.ts'
import type { Facts, Segment } from './identity-segment.ts'
import { endWithSession, foldSession } from './identity-sessions.ts'
import { digestOf } from './identity-text.ts'

/** Whose rows a batch needs before it can be folded. */
export interface WantedKey {
  readonly key: string
  readonly isSession: boolean
  /** The earliest time that is stated (us). */
  readonly fromUs: number
}

interface KeyState extends WantedKey {
  fromUs: number
  /** By prefix, oldest first. */
  readonly lists: Map<string, Segment[]>
  /** What is known of the holder, put together; undefined before anything is. */
  holder: Facts | undefined
}

interface Placed {
  readonly statement: Segment
  readonly isStart: boolean
  key: string
}

/**
 * The statements of one transaction, folded in memory: first {@link wanted} says which rows are
 * needed, {@link load} takes them, {@link fold} puts everything together, and what must be written
 * is in {@link changed}. Statements are folded by time, not in the order in which they came.
 */
export class IdentityBatch {
  readonly #states = new Map<string, KeyState>()
  readonly #placed: Placed[]
  readonly #restarts: ReadonlyMap<string, readonly number[]>
  /** Segments whose end is not known, by what only one holder can have at a time. */
  readonly #open = new Map<string, Set<Segment>>()
  readonly #dropped = new Map<Segment, Segment>()

  /**
   * @param source name of the source: keys are its own
   * @param restarts when each NAS was restarted; `''` for all of them
   */
  constructor(
    source: string,
    events: readonly IdentityEvent[],
    restarts: ReadonlyMap<string, readonly number[]>
  ) {
    this.#restarts = restarts
    this.#placed = events
      .filter((event) => event.what !== 'restart')
      .map((event) => this.#place(source, event))
      .sort((a, b) => a.statement.startUs - b.statement.startUs || timeOf(a) - timeOf(b))
  }

  #place(source: string, event: IdentityEvent): Placed {
    const isSession = event.kind === 'session'
    const statement = statementOf(event, '')
    const parts = isSession ? [] : [statement.prefix ?? '']
    const key = digestOf(source, event.kind, event.key, ...parts)
    this.#want(key, isSession, statement.startUs)
    return { statement, isStart: event.what === 'start', key }
  }

  #want(key: string, isSession: boolean, fromUs: number): KeyState {
    const state = this.#states.get(key)
    if (state !== undefined) {
      state.fromUs = Math.min(state.fromUs, fromUs)
      return state
    }
    const made: KeyState = { key, isSession, fromUs, lists: new Map(), holder: undefined }
    this.#states.set(key, made)
    return made
  }

  /** Keys whose rows are needed. */
  wanted(): readonly WantedKey[] {
    return [...this.#states.values()]
  }

  /** Takes rows of wanted keys. */
  load(segments: readonly Segment[]): void {
    for (const segment of segments) {
      const state = this.#states.get(segment.key)
      if (state === undefined) continue
      const list = listOf(state, segment.prefix)
      list.push(segment)
      state.holder = { ...segment.facts, ...state.holder }
      this.#watch(segment)
    }
    for (const { lists } of this.#states.values()) {
      for (const list of lists.values()) list.sort((a, b) => a.startUs - b.startUs)
    }
  }

  /**
   * Gives statements that name another holder than their key's a key of their own. Nothing that two
   * devices or users said is ever put together.
   *
   * @returns keys whose rows are needed now too
   */
  separate(): readonly WantedKey[] {
    const added: KeyState[] = []
    for (const placed of this.#placed) {
      const { statement } = placed
      const state = this.#states.get(placed.key)
      if (state === undefined) continue
      if (state.holder === undefined || isSameHolder(state.holder, statement.facts)) {
        state.holder = { ...statement.facts, ...state.holder }
        continue
      }
      const { user = '', mac = '', duid = '', circuitId = '', remoteId = '' } = statement.facts
      placed.key = digestOf(state.key, user, mac, duid, circuitId, remoteId)
      const known = this.#states.has(placed.key)
      const own = this.#want(placed.key, state.isSession, statement.startUs)
      own.holder ??= statement.facts
      if (!known) added.push(own)
    }
    return added
  }

  /** Folds all statements. */
  fold(): void {
    const sessions = new Set<KeyState>()
    for (const { statement, isStart, key } of this.#placed) {
      const state = this.#states.get(key)
      if (state === undefined) continue
      const own: Segment = { ...statement, key }
      const list = listOf(state, own.prefix)
      const before = list.length
      const drop: Drop = (part, whole) => this.#drop(part, whole)
      if (state.isSession) {
        foldSession(list, own, isStart, this.#restartsOf(own), drop)
        sessions.add(state)
      } else {
        foldRecurring(list, own, drop)
      }
      if (list.length === before && !list.includes(own)) continue
      for (const segment of list) if (segment.recheck) this.#meet(segment)
    }
    for (const { lists } of sessions) endWithSession(lists.values())
  }

  /** Rows to be written, and rows that are part of others now. */
  changed(): { segments: Segment[]; parts: { part: Segment; whole: Segment }[] } {
    const segments: Segment[] = []
    for (const { lists } of this.#states.values()) {
      for (const list of lists.values()) {
        for (const segment of list) if (segment.changed) segments.push(segment)
      }
    }
    const parts = [...this.#dropped].map(([part, whole]) => ({ part, whole: this.#final(whole) }))
    return { segments, parts: parts.filter(({ part }) => part.id !== undefined) }
  }

  #final(segment: Segment): Segment {
    let at = segment
    for (let next = this.#dropped.get(at); next !== undefined; next = this.#dropped.get(at))
      at = next
    return at
  }

  /** A segment without a row takes over the row of what became part of it. */
  #drop(part: Segment, whole: Segment): void {
    this.#open.get(groupOf(part))?.delete(part)
    if (whole.id === undefined) {
      whole.id = part.id
      whole.factsChanged = true
      part.id = undefined
    }
    this.#dropped.set(part, whole)
  }

  #restartsOf({ facts }: Segment): readonly number[] {
    const everywhere = this.#restarts.get('') ?? []
    const { nas } = facts
    return nas === undefined ? everywhere : [...everywhere, ...(this.#restarts.get(nas) ?? [])]
  }

  #watch(segment: Segment): void {
    const group = groupOf(segment)
    if (group === '' || isEndKnown(segment)) return
    const open = this.#open.get(group)
    if (open === undefined) this.#open.set(group, new Set([segment]))
    else open.add(segment)
  }

  /** Another holder of the same address: the earlier one had ended when the later one is seen. */
  #meet(segment: Segment): void {
    const open = this.#open.get(groupOf(segment))
    for (const other of open ?? []) {
      if (other === segment) continue
      bind(other, segment.startUs)
      bind(segment, other.startUs)
      if (endOf(other) < segment.startUs) open?.delete(other)
    }
    this.#watch(segment)
  }
}

function timeOf({ statement }: Placed): number {
  return statement.stopUs ?? statement.aliveUs
}

function listOf(state: KeyState, prefix = ''): Segment[] {
  const known = state.lists.get(prefix)
  if (known !== undefined) return known
  const list: Segment[] = []
  state.lists.set(prefix, list)
  return list
}

/**
 * What only one holder can have at a time; empty where many can: several people log in from one
 * address. The same address on another interface or NAS is another one.
 */
function groupOf({ kind, prefix, facts }: Segment): string {
  if (kind === 'login' || prefix === undefined) return ''
  const station = kind === 'neighbour' ? (facts.station ?? '') : ''
  return `${kind}\0${prefix}\0${facts.nas ?? ''}\0${station}`
}

/** Lets a segment end by `us`, where it was not surely held any more by then. */
function bind(segment: Segment, us: number): void {
  if (us <= segment.startUs || us < sureUntilOf(segment)) return
  if (us >= validBoundOf(segment) || isEndKnown(segment)) return
  segment.boundUs = us
  segment.changed = true
}
