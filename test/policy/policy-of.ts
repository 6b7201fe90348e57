import { readPolicy } from '../../policy/load.ts'
import type { Policy, PolicyContext } from '../../policy/policy.ts'
import { names } from '../criteria/flow.ts'

/** A policy with the names of the catalogue. */
export function policyOf(text: string, context: Partial<PolicyContext> = {}): Policy {
  return readPolicy('p.yaml', text, { names, timeZone: 'Europe/Berlin', ...context })
}

/** What is wrong with a policy, a line each. */
export function problemsOf(text: string): readonly string[] {
  try {
    policyOf(text)
    return []
  } catch (error) {
    return (error as Error).message.split('\n')
  }
}
