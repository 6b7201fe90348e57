import type { Answer } from './contract.ts'
import type { Authority } from './dependencies.ts'

type AuthorityList = NonNullable<Answer['authority']>

/** What an answer took beside the right, as JSON has it; no member where it took nothing. */
export function authorityMember(...used: readonly (Authority | undefined)[]): {
  authority?: AuthorityList
} {
  const authority = used.flatMap((one) => {
    if (one === undefined) return []
    const { act, approval, approvedBy, emergency } = one
    return [{ act, approval, approved_by: approvedBy, emergency }]
  })
  return authority.length === 0 ? {} : { authority }
}

/** The same in sentences for people: an override must not be overlooked. */
export function authoritySentences(authority: AuthorityList = []): string[] {
  return authority.map(({ act, approval, approved_by: by, emergency }) =>
    emergency
      ? `EMERGENCY: no second person approved the act "${act}"; override ${approval} is for review.`
      : `The act "${act}" was approved by ${by ?? 'nobody'}, approval ${approval}.`
  )
}
