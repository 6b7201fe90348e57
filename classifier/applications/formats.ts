import { basename } from 'node:path'
import type { RuleDraft } from './draft.ts'
import { readNetifyApps } from './netify-apps.ts'
import { readNetifyCategories } from './netify-categories.ts'
import { readNetifySink } from './netify-sink.ts'
import { readOwnFormat } from './own-format.ts'
import { readV2fly } from './v2fly.ts'

type ReadRules = (text: string, draft: RuleDraft, path: string) => void

/** Every format of rule files: one file each, one line here. */
export const ruleFormats = {
  rules: readOwnFormat,
  'netify-apps': readNetifyApps,
  'netify-sink': readNetifySink,
  'netify-categories': readNetifyCategories,
  v2fly: (text, draft, path) => readV2fly(text, basename(path), draft),
} as const satisfies Readonly<Record<string, ReadRules>>

export type RuleFormat = keyof typeof ruleFormats

/** The format that a file has by its name. */
export function formatOf(path: string): RuleFormat {
  const name = basename(path)
  if (/categories.*\.json$/.test(name)) return 'netify-categories'
  if (/^netify-apps.*\.conf$/.test(name)) return 'netify-apps'
  if (/^netify-sink.*\.conf$/.test(name)) return 'netify-sink'
  return name.includes('.') ? 'rules' : 'v2fly'
}
