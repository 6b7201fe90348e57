import { FlowledgerError } from '../model/errors.ts'

/** Something of a rule file that cannot be used, or that may surprise; both count from 1. */
export interface PolicyProblem {
  readonly line: number
  readonly column: number
  readonly text: string
}

/** `FILE:LINE:COLUMN: TEXT`, as compilers write it. */
export const formatPolicyProblem = (file: string, { line, column, text }: PolicyProblem): string =>
  `${file}:${line}:${column}: ${text}`

/** Problems that one error shows. */
const maxShown = 20

/** The error that says all that is wrong with a file. */
export function policyError(file: string, problems: readonly PolicyProblem[]): FlowledgerError {
  const sorted = problems.toSorted((a, b) => a.line - b.line || a.column - b.column)
  const shown = sorted.slice(0, maxShown).map((problem) => formatPolicyProblem(file, problem))
  const more = sorted.length - shown.length
  if (more > 0) shown.push(`... and ${more} more.`)
  return new FlowledgerError('rules-invalid', shown.join('\n'), {
    details: { problems: sorted.slice(0, maxShown) },
  })
}
