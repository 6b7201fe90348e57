import { compileCriteria } from '../criteria/compile.ts'
import type { Criteria, CriteriaContext, Predicate } from '../criteria/criteria.ts'
import { CriteriaError } from '../criteria/problem.ts'
import type { PolicyProblem } from './problem.ts'
import type { Path, RuleSource } from './rule-source.ts'
import type { ActionSettings } from './settings.ts'
import { timeOfDayText } from './time-of-day.ts'

/** Where expressions of a file stand, and where their problems go. */
export interface Compiling {
  readonly source: RuleSource
  readonly pathOf: (path: Path) => Path
  readonly context: CriteriaContext
  readonly errors: PolicyProblem[]
  readonly warnings: PolicyProblem[]
}

const never: Criteria = { matches: () => false, warnings: [], fields: new Set() }

/** Compiles the expression that stands at `path`; its problems are noted. */
function compileAt(text: string, path: Path, compiling: Compiling, shift = 0): Criteria {
  const { source, context, errors, warnings } = compiling
  const place = ({ line, column }: { line: number; column: number }) =>
    source.placeIn(compiling.pathOf(path), {
      line,
      column: line === 1 ? Math.max(1, column - shift) : column,
    })
  try {
    const criteria = compileCriteria(text, context)
    for (const warning of criteria.warnings) {
      warnings.push({ ...place(warning), text: warning.text })
    }
    return criteria
  } catch (error) {
    if (!(error instanceof CriteriaError)) throw error
    errors.push({ ...place(error.place), text: error.reason })
    return never
  }
}

/** An address, prefix, Ethernet address or @group alone means either end. */
const bareAddress = /^(@[\w.-]+|[0-9a-fA-F.:-]+(\/\d+)?)$/
const macForm = /^([0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}$/

/** Compiles exemptions, each an address or an expression. */
export function compileExemptions(
  exemptions: readonly string[],
  path: Path,
  compiling: Compiling
): { readonly matches: Predicate; readonly fields: ReadonlySet<string> } {
  const all = exemptions.map((text, i) => {
    const bare = text.trim()
    const at = [...path, i]
    if (!bareAddress.test(bare)) return compileAt(text, at, compiling)
    const [local, other] = macForm.test(bare)
      ? ['local_mac', 'other_mac']
      : ['local_ip', 'other_ip']
    const head = `${local} == `
    return compileAt(`${head}${bare} || ${other} == ${bare}`, at, compiling, head.length)
  })
  return {
    matches: (flow) => all.some(({ matches }) => matches(flow)),
    fields: new Set(all.flatMap(({ fields }) => [...fields])),
  }
}

/** Connections that reach NFLOG are all seen with the addresses of our own side. */
function seenBy(name: string, path: Path, compiling: Compiling): Predicate | undefined {
  if (name === '*' || name === 'lan') return undefined
  const place = compiling.source.place(compiling.pathOf(path))
  if (name === 'wan') {
    const text = 'Connections are seen with inside addresses: wan means none here.'
    compiling.warnings.push({ ...place, text })
    return () => false
  }
  return (flow) => flow.interface === name
}

/** What an action is for, from all that it says. */
export function compileAction(
  name: string,
  settings: ActionSettings,
  compiling: Compiling
): { readonly matches: Predicate; readonly fields: ReadonlySet<string> } {
  const path = ['actions', name]
  const { criteria, exemptions, interface: seen, time_of_day: times } = settings
  const asked =
    typeof criteria === 'string'
      ? [compileAt(criteria, [...path, 'criteria'], compiling)]
      : criteria.map((text, i) => compileAt(text, [...path, 'criteria', i], compiling))
  const exempt = compileExemptions(exemptions, [...path, 'exemptions'], compiling)
  const timeText = timeOfDayText(times)
  const time = timeText === undefined ? undefined : compileCriteria(timeText, compiling.context)
  const bySeen = seenBy(seen, [...path, 'interface'], compiling)
  const fields = new Set([...asked.flatMap((one) => [...one.fields]), ...exempt.fields])
  const [only] = asked
  const meant: Predicate =
    asked.length === 1 && only !== undefined
      ? only.matches
      : (flow) => asked.some(({ matches }) => matches(flow))
  return {
    matches: (flow) =>
      meant(flow) &&
      (time === undefined || time.matches(flow)) &&
      (bySeen === undefined || bySeen(flow)) &&
      (exemptions.length === 0 || !exempt.matches(flow)),
    fields: time === undefined ? fields : new Set([...fields, ...time.fields]),
  }
}
