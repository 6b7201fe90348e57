import type { Principal } from '../../model/principal.ts'
import { subjectOfLookup } from '../access-subject.ts'
import type { Access, Authority } from '../dependencies.ts'
import type { LookupQuery } from '../query.ts'

/** Hosts of one answer whose identity is joined. Of more than that, an answer names nobody. */
export const maxRevealed = 10

/** Whether the asker may know who it was; `reason` is a sentence for them where not. */
export type RevealDecision =
  | { readonly allowed: true; readonly authority?: Authority }
  | { readonly allowed: false; readonly reason: string }

/**
 * Decides, in one place, whether the identity behind an answer is looked up. Where it is not, the
 * stores of identity and directory are not touched.
 *
 * @param hosts inside hosts that the answer names
 */
export async function decideReveal(
  principal: Principal,
  query: LookupQuery,
  hosts: number,
  access: Access
): Promise<RevealDecision> {
  if (hosts > maxRevealed) {
    const reason =
      `The answer has ${hosts} hosts; identities are joined for at most ${maxRevealed}. ` +
      'Ask with a port, a destination or an exacter time.'
    return { allowed: false, reason }
  }
  const decision = await access.decide(principal, 'reveal', subjectOfLookup(query), query.approval)
  return decision.allowed ? decision : { allowed: false, reason: decision.why }
}
