import type { AccessRules } from '../model/access-rules.ts'
import type { Principal } from '../model/principal.ts'
import type { ApprovalAct, Right } from '../model/rights.ts'
import type { Access, Decision, Subject } from './dependencies.ts'

/** The right that each act needs, with or without a second person. */
const rightOfAct: Readonly<Record<ApprovalAct, Right>> = {
  reveal: 'reveal',
  wide: 'wide',
  reverse: 'reverse',
  'hold-release': 'holds',
  purge: 'purge',
}

/** The one gate of the acts that may need a second person. */
export function makeAccess(rules: AccessRules): Access {
  return {
    rules,
    async decide(principal: Principal, act: ApprovalAct, _: Subject): Promise<Decision> {
      const right = rightOfAct[act]
      if (!principal.rights.has(right)) {
        return { allowed: false, needs: 'right', why: `It needs the right ${right}.` }
      }
      if (!rules.secondPerson.includes(act)) return { allowed: true }
      return { allowed: false, needs: 'approval', why: 'It needs the approval of another person.' }
    },
  }
}
