import type { z } from 'zod'
import { didYouMean } from '../../model/did-you-mean.ts'
import { keysOfSection } from './known-keys.ts'

function unknownKeySentence(path: readonly PropertyKey[], key: string): string {
  const full = [...path, key].join('.')
  return `unknown key ${full}.${didYouMean(key, keysOfSection(path))}`
}

type Issue = z.core.$ZodIssue

/** The issue in words, each unknown key on its own; unions report the branch that got furthest. */
export function problemsOf(issue: Issue, locate: Locate): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(
      (key) => `${locate([...issue.path, key], 'key')}: ${unknownKeySentence(issue.path, key)}`
    )
  }
  const name = issue.path.length === 0 ? 'the configuration' : issue.path.join('.')
  const message =
    issue.code === 'invalid_type' && issue.expected === 'object'
      ? 'must be a section with keys'
      : issue.message
  return [`${locate(issue.path, 'value')}: ${name} ${message}.`]
}

/** Says where the value or key at a path was written. */
export type Locate = (path: readonly PropertyKey[], what: 'key' | 'value') => string
