import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { ApplicationRules } from '../../../classifier/applications/application-rules.ts'
import { loadRules } from '../../../classifier/applications/load.ts'
import type { RuleFormat } from '../../../classifier/applications/formats.ts'
import { FlowledgerError } from '../../../model/errors.ts'

const made: string[] = []
afterAll(() => {
  for (const directory of made) rmSync(directory, { recursive: true })
})

/** Writes a file that is gone after the tests. */
export function file(text: string, name = 'test.rules'): string {
  const directory = mkdtempSync(join(tmpdir(), 'flowledger-rules-'))
  made.push(directory)
  const path = join(directory, name)
  writeFileSync(path, text)
  return path
}

export function load(text: string, format: RuleFormat = 'rules'): ApplicationRules {
  return loadRules([{ path: file(text), format }])
}

/** What is wrong with rules: `LINE:COLUMN: TEXT` each. */
export function problems(text: string, format: RuleFormat = 'rules'): string[] {
  try {
    load(text, format)
    return []
  } catch (error) {
    if (!(error instanceof FlowledgerError)) throw error
    return error.message
      .split('\n')
      .slice(1)
      .map((line) => line.replace(/^[^:]*:/, ''))
  }
}
