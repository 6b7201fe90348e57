import { FlowledgerError } from '../model/errors.ts'
import { actorOf } from '../model/principal.ts'
import type { Principal } from '../model/principal.ts'
import type { ApprovalAct } from '../model/rights.ts'
import type { Approval, ApprovalStore } from '../store/approvals.ts'
import { rightOfAct } from './access.ts'
import { subjectOfWish } from './access-subject.ts'
import { recordAct } from './answer.ts'
import type { Access, AuditLog } from './dependencies.ts'
import { requireNotes } from './question-gate.ts'

/** What the desk works with. */
export interface DeskParts {
  readonly approvals: ApprovalStore
  readonly audit: Pick<AuditLog, 'appendAudit'>
  readonly access: Access
  readonly nowUs: () => number
}

/** A wish as it comes in: the subject is the question, or names the object. */
export interface WishInput {
  readonly act: ApprovalAct
  readonly subject: Readonly<Record<string, string>>
  readonly reason: string
  readonly case?: string | undefined
  readonly purpose?: string | undefined
  readonly emergency?: boolean | undefined
}

/** Wishes of one person that may wait at a time. */
const maxPending = 100

/** Uses of an override while it holds: it is bounded by time, and by being reviewed. */
const emergencyUses = 1000

const notAllowed = (message: string, fix: string): FlowledgerError =>
  new FlowledgerError('not-allowed', message, { fix })

/** Of two persons both have to be known, or nobody can tell that they are two. */
function requirePerson({ named }: Principal): void {
  if (named) return
  throw notAllowed(
    'Approvals are between named persons, and this token or user is none.',
    'Use a token that was made with --person, or log in.'
  )
}

function requireRightOf({ rights }: Principal, right: 'approve' | 'audit', other?: 'audit'): void {
  if (rights.has(right) || (other !== undefined && rights.has(other))) return
  throw notAllowed(`This needs the right ${right}.`, 'An administrator gives rights by roles.')
}

/**
 * Asks another person, or overrides them in an emergency. It is in the audit first.
 *
 * @throws FlowledgerError `not-allowed`, `usage` and what the subject's fields can raise
 */
export async function ask(wish: WishInput, by: Principal, parts: DeskParts): Promise<Approval> {
  const { access, approvals, audit } = parts
  const { act, reason, emergency = false } = wish
  requirePerson(by)
  if (!by.rights.has(rightOfAct[act])) {
    throw notAllowed(`This needs the right ${rightOfAct[act]}.`, 'Approval does not replace it.')
  }
  if (!access.rules.secondPerson.includes(act)) {
    throw new FlowledgerError('usage', `The act ${act} needs no second person here.`, {
      fix: 'Do it without an approval.',
    })
  }
  if (emergency && !access.rules.emergency) {
    throw notAllowed('Nobody may override the second person here.', 'Ask without "emergency".')
  }
  const given = { ...wish.subject, ...(wish.case === undefined ? {} : { case: wish.case }) }
  requireNotes(
    { ...given, ...(wish.purpose === undefined ? {} : { purpose: wish.purpose }) },
    access
  )
  const subject = subjectOfWish(act, wish.subject, parts.nowUs())
  if (!emergency && (await approvals.countPending(by.person)) >= maxPending) {
    throw notAllowed(`${maxPending} of your wishes wait already.`, 'Have them decided first.')
  }
  const requestedAs = actorOf(by)
  const { case: caseRef, purpose } = wish
  const detail = { act, subject, reason, case: caseRef, purpose, person: by.person, emergency }
  const action = emergency ? 'emergency-override' : 'approval-request'
  await recordAct(audit, { actor: requestedAs, action, detail })
  const made = { act, subject, reason, case: caseRef, requester: by.person, requestedAs }
  if (!emergency) return await approvals.request(made)
  const { emergencyUs: validUs } = access.rules
  return await approvals.override(made, { validUs, uses: emergencyUses })
}

async function requireOther(
  id: string,
  by: Principal,
  { approvals, audit }: DeskParts
): Promise<Approval> {
  const found = await approvals.find(id)
  if (found === undefined) {
    throw new FlowledgerError('usage', 'There is no approval of that number.', {
      details: { field: 'id' },
    })
  }
  const { requester } = found
  if (requester !== by.person && requester !== by.createdBy) return found
  const detail = { approval: id, requester, person: by.person, why: 'own' }
  await recordAct(audit, { actor: actorOf(by), action: 'refused', detail })
  throw notAllowed(
    requester === by.person
      ? 'It is your own wish.'
      : 'Whose wish it is, made the token that you act with.',
    'Somebody else has to decide it.'
  )
}

/**
 * Says yes or no to the wish of another person.
 *
 * @throws FlowledgerError `not-allowed`, or `usage` where it was decided already
 */
export async function decide(
  id: string,
  decision: 'approve' | 'refuse',
  note: string | undefined,
  by: Principal,
  parts: DeskParts
): Promise<Approval> {
  const { access, approvals, audit } = parts
  requireRightOf(by, 'approve')
  requirePerson(by)
  const { act, subject, requester, state } = await requireOther(id, by, parts)
  if (state !== 'pending') throw decidedAlready(state)
  const actor = actorOf(by)
  const detail = { approval: id, act, subject, requester, person: by.person, note }
  await recordAct(audit, { actor, action: `approval-${decision}`, detail })
  const { approvalUs: validUs, approvalUses: uses } = access.rules
  const decided = await approvals.decide(
    id,
    { person: by.person, as: actor, note },
    decision === 'approve' ? { validUs, uses } : 'refused'
  )
  if (decided !== undefined) return decided
  const failed = { approval: id, decision }
  await recordAct(audit, { actor, action: 'approval-decision-void', detail: failed })
  throw decidedAlready('decided by somebody else')
}

const decidedAlready = (state: string): FlowledgerError =>
  new FlowledgerError('usage', `It is ${state} already.`, {
    fix: '"GET /v1/approvals" lists what waits.',
  })

/**
 * Takes note of another person's override: from then on it is not listed for review any more.
 *
 * @throws FlowledgerError `not-allowed`, or `usage` where it is none or was reviewed already
 */
export async function acknowledge(id: string, by: Principal, parts: DeskParts): Promise<Approval> {
  const { approvals, audit } = parts
  requireRightOf(by, 'approve', 'audit')
  requirePerson(by)
  const { act, subject, requester } = await requireOther(id, by, parts)
  const detail = { approval: id, act, subject, requester, person: by.person }
  await recordAct(audit, { actor: actorOf(by), action: 'emergency-acknowledge', detail })
  const done = await approvals.acknowledge(id, by.person)
  if (done !== undefined) return done
  throw new FlowledgerError('usage', 'It is no override that waits for a review.', {
    details: { field: 'id' },
  })
}
