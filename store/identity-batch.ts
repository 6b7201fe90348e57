import { isV4 } from '../model/address.ts'
import type { Prefix } from '../model/address.ts'
import type { IdentityEvent } from '../model/identity.ts'
import { foldRecurring } from './identity-fold.ts'
import type { Drop } from './identity-fold.ts'
import {
  endOf,
  isEndKnown,
  isSameFacts,
  isSameHolder,
  statementOf,
  sureUntilOf,
  validBoundOf,
  withHolder,
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
  /** What was said last: most statements of a key say the same, and share it. */
  lastFacts: Facts | undefined
}

interface Placed {
  readonly statement: Segment
  readonly isStart: boolean
  state: KeyState
}

/** Statements of other times come of a defect or an attack; a clock that is not set says 1970. */
const earliestUs = Date.UTC(1971, 0, 1) * 1000
const latestUs = Date.UTC(2100, 0, 1) * 1000

/**
 * The statements of one transaction, folded in memory: {@link add} takes them, {@link wanted} says
 * which rows are needed, {@link load} takes those, {@link fold} puts everything together, and what
 * must be written is in {@link changed}. Statements are folded by time, not in the order in which
 * they came.
 */
export class IdentityBatch {
  /** Restarts of a NAS or of the whole source, in the order in which they came. */
  readonly restarts: IdentityEvent[] = []
  /** Lengths of prefixes: the family and the length. */
  readonly lengths = new Set<string>()
  /** The earliest time that is stated (us); Infinity where nothing is. */
  firstUs = Infinity
  /** Statements of impossible times. */
  unusable = 0
  readonly #source: string
  readonly #states = new Map<string, KeyState>()
  readonly #placed: Placed[] = []
  /** Segments whose end is not known, by what only one holder can have at a time. */
  readonly #open = new Map<string, Set<Segment>>()
  readonly #dropped = new Map<Segment, Segment>()

  /** @param source its name: keys are its own */
  constructor(source: string) {
    this.#source = source
  }

  /** Statements that were taken. */
  get size(): number {
    return this.#placed.length + this.restarts.length
  }

  /** Keys that they name: as many as statements where nothing is said again. */
  get keys(): number {
    return this.#states.size
  }

  /** Takes statements, in less room than they came in. */
  add(events: readonly IdentityEvent[]): void {
    for (const event of events) {
      const { atUs, prefix, what } = event
      if (!(atUs >= earliestUs && atUs < latestUs)) {
        this.unusable++
        continue
      }
      this.firstUs = Math.min(this.firstUs, atUs)
      if (prefix !== undefined) this.lengths.add(lengthOf(prefix))
      if (what === 'restart') this.restarts.push(event)
      else this.#placed.push(this.#place(event))
    }
  }

  #place(event: IdentityEvent): Placed {
    const isSession = event.kind === 'session'
    const statement = statementOf(event, '')
    const { prefix = '', facts } = statement
    statement.key = isSession
      ? digestOf(this.#source, event.kind, event.key)
      : digestOf(this.#source, event.kind, event.key, prefix)
    const state = this.#want(statement.key, isSession, statement.startUs)
    if (state.lastFacts !== undefined && isSameFacts(state.lastFacts, facts)) {
      statement.facts = state.lastFacts
    } else {
      state.lastFacts = facts
    }
    return { statement, isStart: event.what === 'start', state }
  }

  #want(key: string, isSession: boolean, fromUs: number): KeyState {
    const state = this.#states.get(key)
    if (state !== undefined) {
      state.fromUs = Math.min(state.fromUs, fromUs)
      return state
    }
    const lists = new Map<string, Segment[]>()
    const made = { key, isSession, fromUs, lists, holder: undefined, lastFacts: undefined }
    this.#states.set(key, made)
    return made
  }

  /** Keys whose rows are needed. No more statements can be added. */
  wanted(): readonly WantedKey[] {
    this.#placed.sort((a, b) => a.statement.startUs - b.statement.startUs || timeOf(a) - timeOf(b))
    return [...this.#states.values()]
  }

  /** Takes rows of wanted keys. */
  load(segments: readonly Segment[]): void {
    for (const segment of segments) {
      const state = this.#states.get(segment.key)
      if (state === undefined) continue
      const list = listOf(state, segment.prefix)
      list.push(segment)
      state.holder = withHolder(state.holder, segment.facts)
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
      const { statement, state } = placed
      const { facts } = statement
      if (state.holder === undefined || isSameHolder(state.holder, facts)) {
        state.holder = withHolder(state.holder, facts)
        continue
      }
      const { user = '', mac = '', duid = '', circuitId = '', remoteId = '' } = facts
      statement.key = digestOf(state.key, user, mac, duid, circuitId, remoteId)
      const known = this.#states.has(statement.key)
      placed.state = this.#want(statement.key, state.isSession, statement.startUs)
      placed.state.holder ??= facts
      if (!known) added.push(placed.state)
    }
    return added
  }

  /**
   * Folds all statements.
   *
   * @param restarts when each NAS was restarted (us); `''` for all of them
   */
  fold(restarts: ReadonlyMap<string, readonly number[]>): void {
    const sessions = new Set<KeyState>()
    const drop: Drop = (part, whole) => this.#drop(part, whole)
    for (const { statement, isStart, state } of this.#placed) {
      const list = listOf(state, statement.prefix)
      const before = list.length
      if (state.isSession) {
        foldSession(list, statement, isStart, restartsOf(statement, restarts), drop)
        sessions.add(state)
      } else {
        foldRecurring(list, statement, drop)
      }
      if (list.length === before && !list.includes(statement)) continue
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

const none: readonly number[] = []

/** Restarts that meant the NAS of a segment. */
function restartsOf(
  { facts: { nas } }: Segment,
  restarts: ReadonlyMap<string, readonly number[]>
): readonly number[] {
  if (restarts.size === 0) return none
  const everywhere = restarts.get('') ?? none
  return nas === undefined ? everywhere : [...everywhere, ...(restarts.get(nas) ?? none)]
}

/** Look-ups ask for each length of prefix that there is: `4 32`. */
function lengthOf({ words, length }: Prefix): string {
  const isOfV4 = length >= 96 && isV4(words[0], words[1], words[2])
  return isOfV4 ? (v4Lengths[length - 96] ?? '') : (v6Lengths[length] ?? '')
}

const v4Lengths = Array.from({ length: 33 }, (_, i) => `4 ${i}`)
const v6Lengths = Array.from({ length: 129 }, (_, i) => `6 ${i}`)

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
