import { prefixHolds } from '../model/address.ts'
import type { AddressWords } from '../model/address.ts'
import { FlowledgerError } from '../model/errors.ts'
import type { Principal } from '../model/principal.ts'
import { subjectOfList, subjectOfLookup } from './access-subject.ts'
import type { Access, Authority, Decision } from './dependencies.ts'
import type { LookupQuery } from './query.ts'

/** What stands between a question that was understood and its answer. */

/**
 * Refuses an address that the token was not made for.
 *
 * @throws FlowledgerError `not-allowed`
 */
export function requireAddressInScope(principal: Principal, address: AddressWords): void {
  const { prefixes } = principal
  if (prefixes === undefined || prefixes.some((prefix) => prefixHolds(prefix, ...address))) return
  throw new FlowledgerError('not-allowed', 'This token may not ask for that address.', {
    fix: '"flowledger token list" shows the prefixes that it was made for.',
    details: { field: 'ip' },
  })
}

/**
 * Refuses a question that does not say what it has to.
 *
 * @throws FlowledgerError `usage` with the field that is missing
 */
export function requireNotes(
  given: { readonly case?: string; readonly purpose?: string },
  { rules }: Access
): void {
  const missing = rules.require.find((field) => given[field] === undefined)
  if (missing === undefined) return
  throw new FlowledgerError('usage', `"${missing}" is missing.`, {
    fix: 'The configuration (access.require) wants it of every question.',
    details: { field: missing },
  })
}

/**
 * Raises a decision that went against the act.
 *
 * @throws FlowledgerError `not-allowed`, or `approval-needed` where another person can allow it
 */
export function requireAllowed(
  decision: Decision,
  what: string
): asserts decision is Decision & { allowed: true } {
  if (decision.allowed) return
  const code = decision.needs === 'right' ? 'not-allowed' : 'approval-needed'
  throw new FlowledgerError(code, what, { fix: decision.why })
}

/**
 * Before anything is read.
 *
 * @throws FlowledgerError `not-allowed`, `usage`
 */
export function admitQuestion(query: LookupQuery, principal: Principal, access: Access): void {
  requireAddressInScope(principal, query.ip)
  requireNotes(query, access)
}

/**
 * Before an answer goes out: without a port it can name everybody behind an address, which is an
 * act of its own as soon as they are several.
 *
 * @param hosts inside hosts that the answer names
 * @throws FlowledgerError `not-allowed`, `approval-needed`
 */
export async function admitWidth(
  query: LookupQuery,
  hosts: number,
  principal: Principal,
  access: Access
): Promise<Authority | undefined> {
  if (query.port !== undefined || hosts < 2) return undefined
  const subject = subjectOfLookup(query)
  const decision = await access.decide(principal, 'wide', subject, query.approval)
  requireAllowed(
    decision,
    `${hosts} hosts shared this address: without a port all of them would be named.`
  )
  return decision.authority
}

/**
 * Before rows are listed. They name everybody behind an address, so where that takes a second
 * person a list does too; and a token that was made for some addresses lists one of them.
 *
 * @throws FlowledgerError `not-allowed`, `approval-needed`
 */
export async function admitList(
  filter: {
    readonly fromUs: number
    readonly toUs: number
    readonly inside: AddressWords | undefined
    readonly public: AddressWords | undefined
  },
  approval: string | undefined,
  principal: Principal,
  access: Access
): Promise<Authority | undefined> {
  const asked = filter.public ?? filter.inside
  if (principal.prefixes !== undefined) {
    if (asked === undefined) {
      throw new FlowledgerError('not-allowed', 'This token may not list every address.', {
        fix: 'Name one that it was made for, as "public" or "inside".',
      })
    }
    requireAddressInScope(principal, asked)
  }
  if (!access.rules.secondPerson.includes('wide')) return undefined
  const subject = subjectOfList(filter)
  const decision = await access.decide(principal, 'wide', subject, approval)
  requireAllowed(decision, 'A list names everybody behind the addresses in it.')
  return decision.authority
}
