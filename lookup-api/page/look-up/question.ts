import { lookupFields } from '../../query.ts'
import type { LookupInput } from '../../query.ts'

/** The fields of a question that are given; a form sends empty ones too. */
export function questionOf(read: (name: string) => string | undefined): LookupInput {
  const given = lookupFields
    .map((name) => [name, read(name)?.trim()] as const)
    .filter(([, value]) => value !== undefined && value !== '')
  return Object.fromEntries(given)
}
