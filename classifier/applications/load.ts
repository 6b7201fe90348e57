import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FlowledgerError } from '../../model/errors.ts'
import { ApplicationRules } from './application-rules.ts'
import type { RuleContext } from './application-rules.ts'
import { RuleDraft } from './draft.ts'
import { formatOf, ruleFormats } from './formats.ts'
import type { RuleFormat } from './formats.ts'
import { maxFileBytes, maxProblems } from './limits.ts'
import { formatProblem } from './rules.ts'

/** A file of rules, or a directory of v2fly lists. */
export interface RuleFile {
  readonly path: string
  /** Left out: told by the file's name. */
  readonly format?: RuleFormat | undefined
}

const here = fileURLToPath(new URL('.', import.meta.url))

/** The rules that come with flowledger. The compiled program reads them beside the source. */
export const catalogue: RuleFile = {
  path: join(
    here.replace(/\/dist\/(?:classifier\/applications|bundle)\/$/, '/classifier/applications/'),
    'applications.rules'
  ),
  format: 'rules',
}

/**
 * Reads rule files and compiles them; the first file counts where two name the same host, so what
 * people add stands before the catalogue.
 *
 * @throws FlowledgerError `rules-invalid` with every problem and its place; nothing is in force
 */
export function loadRules(files: readonly RuleFile[], context: RuleContext = {}): ApplicationRules {
  const draft = new RuleDraft()
  for (const file of files) readFile(file, draft)
  const rules = new ApplicationRules(draft, context)
  if (draft.errors.length === 0) return rules
  const shown = draft.errors.slice(0, maxProblems).map(formatProblem)
  const more = draft.errors.length - shown.length
  const lines = more === 0 ? shown : [...shown, `and ${more} more.`]
  throw new FlowledgerError('rules-invalid', `Rules cannot be used:\n${lines.join('\n')}`, {
    details: { problems: draft.errors.slice(0, maxProblems) },
  })
}

function readFile({ path, format }: RuleFile, draft: RuleDraft): void {
  try {
    const { size } = statSync(path)
    if (statSync(path).isDirectory()) return readLists(path, draft)
    draft.begin(shownPath(path))
    if (size > maxFileBytes) draft.error(`A file of rules has at most ${maxFileBytes} octets.`)
    else ruleFormats[format ?? formatOf(path)](readFileSync(path, 'utf8'), draft, path)
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    draft.begin(path)
    draft.error(`It cannot be read: ${error.message}.`)
  }
}

/** A directory of lists: services first, then what gathers them. */
function readLists(directory: string, draft: RuleDraft): void {
  const names = readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
  const gathers = (name: string): number => (name.startsWith('category-') ? 1 : 0)
  const sorted = names.toSorted((a, b) => gathers(a) - gathers(b) || (a < b ? -1 : 1))
  for (const name of sorted) readFile({ path: join(directory, name), format: 'v2fly' }, draft)
}

/** The catalogue as people find it in the source; other files as they were given. */
function shownPath(path: string): string {
  return path === catalogue.path ? `classifier/applications/applications.rules` : path
}
