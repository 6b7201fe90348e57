import { didYouMean } from '../model/did-you-mean.ts'
import { FlowledgerError } from '../model/errors.ts'
import { compileAction, compileExemptions } from './compile-action.ts'
import type { Compiling } from './compile-action.ts'
import { ConnectionLabels } from './connection-labels.ts'
import { importFlowActions, isFlowActions } from './flow-actions.ts'
import type { Imported } from './flow-actions.ts'
import type { Policy, PolicyAction, PolicyContext, PolicyTarget } from './policy.ts'
import { policyError } from './problem.ts'
import { readRuleText, RuleSource } from './rule-source.ts'
import { policySchema } from './settings.ts'
import type { PolicySettings } from './settings.ts'
import type { Wans } from './target.ts'
import { targetKinds } from './targets.ts'

type Issues = readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]

/** Notes what a schema found wrong. */
function noteIssues(issues: Issues, before: readonly string[], compiling: Compiling): void {
  for (const { path, message } of issues) {
    const all = [...before, ...path]
    const place = compiling.source.place(compiling.pathOf(all))
    const where = all.length === 0 ? 'The policy' : all.map(String).join('.')
    compiling.errors.push({ ...place, text: `${where}: ${message}` })
  }
}

function wansOf({ wans }: PolicySettings, compiling: Compiling): Wans | undefined {
  if (wans === undefined) return undefined
  const marks = new Map(Object.entries(wans.interfaces))
  for (const [name, mark] of marks) {
    const twin = [...marks].find(([other, theirs]) => other !== name && theirs === mark)?.[0]
    const place = compiling.source.place(['wans', 'interfaces', name])
    if (twin !== undefined && twin > name) {
      compiling.errors.push({ ...place, text: `${name} and ${twin} have the same mark.` })
    }
    if (mark !== 0 && (mark & wans.mask) >>> 0 === mark) continue
    compiling.errors.push({ ...place, text: `The mark of ${name} is 0 or has bits off the mask.` })
  }
  return { mask: wans.mask, marks }
}

type Kit = { readonly labels: ConnectionLabels; readonly wans: Wans | undefined }

/** The targets that are enabled, their settings checked by their kinds. */
function targetsOf(settings: PolicySettings, kit: Kit, compiling: Compiling): PolicyTarget[] {
  return Object.entries(settings.targets).flatMap(([name, { enabled, ...given }]) => {
    const path = ['targets', name]
    const place = compiling.source.place(compiling.pathOf(path))
    const kind = targetKinds.get(given.type)
    if (kind === undefined) {
      const meant = didYouMean(given.type, [...targetKinds.keys()])
      const text =
        given.type === ''
          ? 'It is not said what kind of target it is (type; in flow-actions target_type).'
          : `There is no kind of target ${given.type.slice(0, 60)}.${meant}`
      const at = compiling.source.place(compiling.pathOf([...path, 'type']))
      compiling.errors.push({ ...at, text })
      return []
    }
    const read = kind.schema.safeParse(given)
    if (!read.success) {
      noteIssues(read.error.issues, path, compiling)
      return []
    }
    if (!enabled) return []
    try {
      const needs = kind.needs(name, read.data, kit)
      return [{ name, type: given.type, kind, settings: read.data, needs }]
    } catch (error) {
      if (!(error instanceof FlowledgerError)) throw error
      compiling.errors.push({ ...place, text: error.sentence })
      return []
    }
  })
}

function actionsOf(
  settings: PolicySettings,
  enabled: ReadonlySet<string>,
  compiling: Compiling
): PolicyAction[] {
  const { source, pathOf, errors } = compiling
  return Object.entries(settings.actions).flatMap(([name, action]) => {
    const path = ['actions', name]
    for (const [i, target] of action.targets.entries()) {
      if (Object.hasOwn(settings.targets, target)) continue
      const meant = didYouMean(target, Object.keys(settings.targets))
      const place = source.place(pathOf([...path, 'targets', i]))
      errors.push({ ...place, text: `There is no target ${target.slice(0, 60)}.${meant}` })
    }
    const { matches, fields } = compileAction(name, action, compiling)
    if (!action.enabled) return []
    const { line } = source.place(pathOf(path))
    const targets = action.targets.filter((target) => enabled.has(target))
    const place = `${source.file}:${line}`
    return [{ name, place, matches, fields, halts: action.halt_on_match, targets }]
  })
}

/** Two targets must not disagree about one set. */
function checkSets(targets: readonly PolicyTarget[], compiling: Compiling): void {
  const seen = new Map<string, { readonly name: string; readonly text: string }>()
  for (const { name, needs } of targets) {
    for (const need of needs) {
      if (need.kind !== 'nft-set' && need.kind !== 'ipset') continue
      const key = need.kind === 'ipset' ? need.name : `${need.family} ${need.table} ${need.set}`
      const text = JSON.stringify(need)
      const other = seen.get(key)
      seen.set(key, { name, text })
      if (other === undefined || other.text === text) continue
      const place = compiling.source.place(compiling.pathOf(['targets', name]))
      compiling.errors.push({ ...place, text: `${name} and ${other.name} differ about ${key}.` })
    }
  }
}

const unchanged = (settings: unknown): Imported => ({
  settings,
  warnings: [],
  pathOf: (path) => path,
})

/**
 * Reads a policy, in our form or in that of Netify's agent, and compiles it.
 *
 * @throws FlowledgerError `rules-invalid` with line and column of all that is wrong
 */
export function readPolicy(file: string, text: string, given: PolicyContext): Policy {
  const source = new RuleSource(file, text)
  const isNetify = isFlowActions(source.data)
  const {
    settings: raw,
    warnings,
    pathOf,
  } = isNetify ? importFlowActions(source) : unchanged(source.data)
  const read = policySchema.safeParse(raw)
  const timeZone = read.data?.time_zone ?? given.timeZone
  const context = { names: given.names, timeZone, forgivesNames: isNetify }
  const compiling: Compiling = { source, pathOf, context, errors: [], warnings: [...warnings] }
  if (!read.success) noteIssues(read.error.issues, [], compiling)
  if (read.data === undefined) throw policyError(file, compiling.errors)
  checkTimeZone(read.data.time_zone, compiling)
  if (compiling.errors.length > 0) throw policyError(file, compiling.errors)
  const { connlabel_conf: connlabelConf, max_bits: maxBits, own_bits: ownBits } = read.data.labels
  const labels = new ConnectionLabels({ connlabelConf, maxBits, ownBits })
  const wans = wansOf(read.data, compiling)
  const targets = targetsOf(read.data, { labels, wans }, compiling)
  checkSets(targets, compiling)
  const enabled = new Set(targets.map(({ name }) => name))
  const actions = actionsOf(read.data, enabled, compiling)
  const exempt = compileExemptions(read.data.exemptions, ['exemptions'], compiling)
  if (compiling.errors.length > 0) throw policyError(file, compiling.errors)
  return {
    file,
    format: isNetify ? 'netify' : 'flowledger',
    reevaluates: read.data.reevaluate,
    hasBaseline: read.data.baseline,
    actions,
    targets,
    labels,
    wans,
    isExempt: exempt.matches,
    warnings: compiling.warnings,
  }
}

/** As {@link readPolicy}, of a file. */
export const loadPolicy = (file: string, context: PolicyContext): Policy =>
  readPolicy(file, readRuleText(file), context)

function checkTimeZone(zone: string | undefined, compiling: Compiling): void {
  if (zone === undefined) return
  try {
    void new Intl.DateTimeFormat('en-GB', { timeZone: zone })
  } catch {
    const place = compiling.source.place(compiling.pathOf(['time_zone']))
    const text = `${JSON.stringify(zone.slice(0, 60))} is no time zone such as Europe/Berlin.`
    compiling.errors.push({ ...place, text })
  }
}
