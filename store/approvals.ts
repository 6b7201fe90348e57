import { createHash } from 'node:crypto'
import { canonicalJson } from '../model/canonical-json.ts'
import type { ApprovalAct } from '../model/rights.ts'
import type { Database } from './database.ts'
import { fromInt8, fromNullableInt8, microseconds } from './timestamp.ts'

/** `emergency`: an override, in force at once and to be reviewed by somebody else. */
export const approvalStates = ['pending', 'approved', 'refused', 'emergency'] as const

export type ApprovalState = (typeof approvalStates)[number]

/** One person's wish to do one act on one subject, and another's word on it. */
export interface Approval {
  readonly id: string
  readonly act: ApprovalAct
  readonly subject: Readonly<Record<string, string>>
  readonly reason: string
  readonly case: string | undefined
  readonly state: ApprovalState
  /** Persons, folded: see model/principal.ts. */
  readonly requester: string
  readonly decider: string | undefined
  readonly acknowledgedBy: string | undefined
  /** As what each of them acted, as the audit names them. */
  readonly requestedAs: string
  readonly decidedAs: string | undefined
  readonly note: string | undefined
  readonly requestedUs: number
  readonly decidedUs: number | undefined
  readonly validUntilUs: number | undefined
  readonly usesLeft: number
}

/** What is asked for. */
export interface Wish {
  readonly act: ApprovalAct
  readonly subject: Readonly<Record<string, string>>
  readonly reason: string
  readonly case?: string | undefined
  readonly requester: string
  readonly requestedAs: string
}

/** How long and how often something may be used. */
export interface Validity {
  readonly validUs: number
  readonly uses: number
}

/** SHA-256 of act and subject in canonical JSON: an approval is for this and nothing else. */
function digestOf(act: ApprovalAct, subject: Readonly<Record<string, string>>): Buffer {
  return createHash('sha256').update(canonicalJson({ act, subject })).digest()
}

interface Row {
  readonly id: string
  readonly act: ApprovalAct
  readonly subject: string
  readonly reason: string
  readonly case_ref: string | null
  readonly state: ApprovalState
  readonly requester: string
  readonly requested_by: string
  readonly decider: string | null
  readonly decided_by: string | null
  readonly acknowledged_by: string | null
  readonly note: string | null
  readonly requested: string
  readonly decided: string | null
  readonly until: string | null
  readonly uses_left: number
}

const columns = `id, act, subject, reason, case_ref, state, requester, requested_by, decider,
  decided_by, acknowledged_by, note, uses_left, ${microseconds('requested_at')} as requested,
  ${microseconds('decided_at')} as decided, ${microseconds('valid_until')} as until`

function approvalOf(row: Row): Approval {
  return {
    id: row.id,
    act: row.act,
    subject: JSON.parse(row.subject) as Record<string, string>,
    reason: row.reason,
    case: row.case_ref ?? undefined,
    state: row.state,
    requester: row.requester,
    decider: row.decider ?? undefined,
    acknowledgedBy: row.acknowledged_by ?? undefined,
    requestedAs: row.requested_by,
    decidedAs: row.decided_by ?? undefined,
    note: row.note ?? undefined,
    requestedUs: fromInt8(row.requested),
    decidedUs: fromNullableInt8(row.decided),
    validUntilUs: fromNullableInt8(row.until),
    usesLeft: row.uses_left,
  }
}

const isId = (id: string): boolean => /^[1-9]\d{0,15}$/.test(id)

/** Interval of so many microseconds, in SQL. */
const micros = (parameter: string): string => `${parameter}::int8 * interval '1 microsecond'`

/**
 * Approvals. Who is compared with whom stands in the statements themselves, and in the table's
 * checks, so that no two requests at one time get past it.
 */
export class ApprovalStore {
  readonly #database: Database

  /** @param database a pool of the log-in `audit` */
  constructor(database: Database) {
    this.#database = database
  }

  async #rows(what: string, text: string, values: readonly unknown[]): Promise<Approval[]> {
    const rows = await this.#database.query<Row>(what, { text, values: [...values] })
    return rows.map(approvalOf)
  }

  async #insert(wish: Wish, state: ApprovalState, validity?: Validity): Promise<Approval> {
    const text = `insert into access.approval (act, subject, digest, reason, case_ref, state,
        requester, requested_by, valid_until, uses_left)
      values ($1, $2, $3, $4, $5, $6, $7, $8, now() + ${micros('$9')}, $10) returning ${columns}`
    const [made] = await this.#rows('ask for an approval', text, [
      wish.act,
      canonicalJson(wish.subject),
      digestOf(wish.act, wish.subject),
      wish.reason,
      wish.case ?? null,
      state,
      wish.requester,
      wish.requestedAs,
      validity?.validUs ?? null,
      validity?.uses ?? 0,
    ])
    if (made === undefined) throw new Error('The approval vanished while it was made.')
    return made
  }

  /** Asks another person. */
  request(wish: Wish): Promise<Approval> {
    return this.#insert(wish, 'pending')
  }

  /** Overrides the second person for a while. */
  override(wish: Wish, validity: Validity): Promise<Approval> {
    return this.#insert(wish, 'emergency', validity)
  }

  async find(id: string): Promise<Approval | undefined> {
    if (!isId(id)) return undefined
    const text = `select ${columns} from access.approval where id = $1`
    return (await this.#rows('read an approval', text, [id]))[0]
  }

  /** Those of a state, newest first; `below` is the number where the page before ended. */
  async list(filter: {
    readonly state?: ApprovalState | undefined
    readonly unacknowledged?: boolean
    readonly requester?: string
    readonly notRequester?: string
    readonly below?: string | undefined
    readonly limit: number
  }): Promise<readonly Approval[]> {
    const text = `select ${columns} from access.approval
      where ($1::text is null or state = $1) and (not $2 or acknowledged_by is null) and id < $3
        and ($5::text is null or requester = $5) and ($6::text is null or requester <> $6)
      order by id desc limit $4`
    const { state, unacknowledged = false, below = String(Number.MAX_SAFE_INTEGER) } = filter
    return await this.#rows('list the approvals', text, [
      state ?? null,
      unacknowledged,
      isId(below) ? below : 0,
      filter.limit,
      filter.requester ?? null,
      filter.notRequester ?? null,
    ])
  }

  /** How many of a person's wishes nobody has decided. */
  async countPending(requester: string): Promise<number> {
    const rows = await this.#database.query<{ n: string }>('count the approvals', {
      text: `select count(*) as n from access.approval where state = 'pending' and requester = $1`,
      values: [requester],
    })
    return Number(rows[0]?.n ?? 0)
  }

  /**
   * Says yes or no to a wish of somebody else that nobody has decided.
   *
   * @returns undefined where it is one's own, decided already, or not there
   */
  async decide(
    id: string,
    by: { readonly person: string; readonly as: string; readonly note?: string | undefined },
    validity: Validity | 'refused'
  ): Promise<Approval | undefined> {
    const refused = validity === 'refused'
    const text = `update access.approval set state = $2, decider = $3, decided_by = $4, note = $5,
        decided_at = now(), valid_until = now() + ${micros('$6')}, uses_left = $7
      where id = $1 and state = 'pending' and requester <> $3 returning ${columns}`
    const [decided] = await this.#rows('decide an approval', text, [
      id,
      refused ? 'refused' : 'approved',
      by.person,
      by.as,
      by.note ?? null,
      refused ? null : validity.validUs,
      refused ? 0 : validity.uses,
    ])
    return decided
  }

  /** Takes note of somebody else's override; undefined as in {@link decide}. */
  async acknowledge(id: string, person: string): Promise<Approval | undefined> {
    const text = `update access.approval set acknowledged_by = $2, acknowledged_at = now()
      where id = $1 and state = 'emergency' and acknowledged_by is null and requester <> $2
      returning ${columns}`
    return (await this.#rows('acknowledge an override', text, [id, person]))[0]
  }

  /**
   * Spends one use. One statement, so that the last use is had by one request only.
   *
   * @returns undefined where it is for something or somebody else, spent, over, or not approved
   */
  async use(
    id: string,
    act: ApprovalAct,
    subject: Readonly<Record<string, string>>,
    requester: string
  ): Promise<Approval | undefined> {
    if (!isId(id)) return undefined
    const text = `update access.approval set uses_left = uses_left - 1
      where id = $1 and digest = $2 and requester = $3 and state in ('approved', 'emergency')
        and valid_until > now() and uses_left > 0 returning ${columns}`
    const values = [id, digestOf(act, subject), requester]
    return (await this.#rows('use an approval', text, values))[0]
  }
}
