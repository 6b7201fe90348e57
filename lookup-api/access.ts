import type { AccessRules } from '../model/access-rules.ts'
import { actorOf } from '../model/principal.ts'
import type { Principal } from '../model/principal.ts'
import type { ApprovalAct, Right } from '../model/rights.ts'
import { recordAct } from './answer.ts'
import type { Access, ApprovalUses, AuditLog, Decision, Subject } from './dependencies.ts'

/** The right that each act needs, with or without a second person. */
export const rightOfAct: Readonly<Record<ApprovalAct, Right>> = {
  reveal: 'reveal',
  wide: 'wide',
  reverse: 'reverse',
  'hold-release': 'holds',
  purge: 'purge',
}

/** Approvals that one question names, with commas between them: one for each act that it takes. */
const maxNamed = 5

/** What {@link makeAccess} needs beside the rules. */
export interface AccessParts {
  readonly approvals: ApprovalUses
  readonly audit: Pick<AuditLog, 'appendAudit'>
}

const refused = (needs: 'right' | 'approval', why: string): Decision => ({
  allowed: false,
  needs,
  why,
})

/**
 * The one gate of the acts that may need a second person. That an approval was used is in the audit
 * before the act is done; where it cannot be written, the act is not done.
 */
export function makeAccess(rules: AccessRules, parts: AccessParts): Access {
  async function spend(
    principal: Principal,
    act: ApprovalAct,
    subject: Subject,
    approval: string
  ): Promise<Decision> {
    let used: Awaited<ReturnType<ApprovalUses['use']>>
    for (const id of approval.split(',').slice(0, maxNamed)) {
      used ??= await parts.approvals.use(id.trim(), act, subject, principal.person)
    }
    if (used === undefined) {
      return refused(
        'approval',
        `Approval ${approval.slice(0, 20)} does not hold for you, this act and exactly this ` +
          'subject, or it was used.'
      )
    }
    const emergency = used.state === 'emergency'
    const detail = { approval: used.id, act, subject, emergency, approver: used.decider ?? null }
    await recordAct(parts.audit, { actor: actorOf(principal), action: 'approval-use', detail })
    const approvedBy = used.decider ?? null
    return { allowed: true, authority: { act, approval: used.id, approvedBy, emergency } }
  }
  return {
    rules,
    async decide(principal, act, subject, approval) {
      const right = rightOfAct[act]
      if (!principal.rights.has(right)) return refused('right', `It needs the right ${right}.`)
      if (!rules.secondPerson.includes(act)) return { allowed: true }
      if (approval !== undefined) return await spend(principal, act, subject, approval)
      return refused(
        'approval',
        'It needs the approval of another person: ask for it with POST /v1/approvals, then name it.'
      )
    },
  }
}
