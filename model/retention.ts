import { z } from 'zod'
import { durationBetween } from './duration-schema.ts'
import { parseDuration } from './quantity.ts'
import { retentionFields, retentionKinds } from './retention-kinds.ts'
import type { RetentionField, RetentionKind } from './retention-kinds.ts'
import { presetWarning, retentionPresets } from './retention-presets.ts'

/** The section `retention`: what is kept for how long. Left out, everything is kept. */

const duration = (least: string, most: string) => durationBetween(least, most, '365d')

const rule = z.strictObject({
  kind: z.enum(retentionKinds, { error: `must be one of ${retentionKinds.join(', ')}` }),
  field: z
    .enum(retentionFields, { error: `must be one of ${retentionFields.join(', ')}` })
    .optional(),
  source: z.string().min(1).max(200).optional(),
  keep: duration('1h', '36500d'),
  leave: z.enum(['nothing', 'hash'], { error: 'must be nothing or hash' }).optional(),
})

type RuleFile = z.output<typeof rule>

const place = ({ kind, field, source }: RuleFile): string =>
  JSON.stringify([kind, field ?? null, source ?? null])

/** What is wrong with rules that are each of the right form; one sentence a problem. */
function problemsOf(rules: readonly RuleFile[]): string[] {
  const out: string[] = []
  const seen = new Set<string>()
  for (const each of rules) {
    const { kind, field, source, leave } = each
    const name = nameOf(each)
    if (seen.has(place(each))) out.push(`there are two rules for ${name}`)
    seen.add(place(each))
    if (field !== undefined && kind !== 'flows') out.push(`${kind} have no field ${field}`)
    if (leave === 'hash' && field !== 'destination')
      out.push('only destinations are kept as a hash')
    if (kind === 'rollups' && source !== undefined) out.push('sums are of every source together')
  }
  return out
}

const presetNames = retentionPresets.map(({ name }) => name)

/** The section as it stands in the file. */
export const retentionSchema = z
  .strictObject({
    preset: z
      .enum(presetNames, { error: `must be one of ${presetNames.join(', ')}` })
      .optional()
      .describe(`Rules to start from, by country (${presetWarning}): ${presetNames.join(', ')}.`),
    rules: z
      .array(rule, { error: 'must be a list of rules' })
      .prefault([])
      .describe(
        'Each {kind, keep} with field, source, leave where wanted (how-to/retention.md); ' +
          'one that names a source comes before one that does not, both before the preset.'
      ),
    every: duration('1m', '7d')
      .prefault('1h')
      .describe('How often up and collect purge what is past its time.'),
  })
  .superRefine(({ rules }, context) => {
    for (const message of problemsOf(rules)) {
      context.addIssue({ code: 'custom', path: ['rules'], message })
    }
  })

/** A rule as the program uses it. */
export interface RetentionRule {
  readonly kind: RetentionKind
  /** Left out: the rows themselves. */
  readonly field?: RetentionField | undefined
  /** Left out: every source that has no rule of its own. */
  readonly source?: string | undefined
  readonly keepUs: number
  readonly leave: 'nothing' | 'hash'
  /** As proofs and answers name it. */
  readonly text: string
}

/** The section as the program uses it. */
export interface RetentionConfig {
  readonly rules: readonly RetentionRule[]
  readonly preset?: string
  readonly everyMs: number
}

/** `flows.destination of gw1`: what a rule is about. */
function nameOf({ kind, field, source }: RuleFile): string {
  const of = source === undefined ? '' : ` of ${source}`
  return `${kind}${field === undefined ? '' : `.${field}`}${of}`
}

function ruleOf(file: RuleFile, preset?: string): RetentionRule {
  const { kind, field, source, keep, leave = 'nothing' } = file
  const as = leave === 'hash' ? ', then a keyed hash' : ''
  const from = preset === undefined ? '' : ` (preset ${preset}, ${presetWarning})`
  const text = `${nameOf(file)} for ${keep}${as}${from}`
  return { kind, field, source, keepUs: parseDuration(keep) ?? Infinity, leave, text }
}

/** Turns the section into what the program uses. */
export function retentionConfigOf(file: z.output<typeof retentionSchema>): RetentionConfig {
  const preset = retentionPresets.find(({ name }) => name === file.preset)
  const own = new Set(file.rules.map(place))
  const started = (preset?.rules ?? []).filter((each) => !own.has(place(each)))
  return {
    rules: [
      ...file.rules.map((each) => ruleOf(each)),
      ...started.map((each) => ruleOf(each, preset?.name)),
    ],
    ...(preset === undefined ? {} : { preset: preset.name }),
    everyMs: (parseDuration(file.every) ?? 0) / 1000,
  }
}

/** The rule that rows, or a field, of a source go by; undefined: kept for ever. */
export function ruleFor(
  rules: readonly RetentionRule[],
  kind: RetentionKind,
  field: RetentionField | undefined,
  source: string
): RetentionRule | undefined {
  const about = rules.filter((each) => each.kind === kind && each.field === field)
  return (
    about.find((each) => each.source === source) ?? about.find((each) => each.source === undefined)
  )
}
