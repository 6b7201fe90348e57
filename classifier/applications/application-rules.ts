import { compileCriteria } from '../../criteria/compile.ts'
import type { Predicate } from '../../criteria/criteria.ts'
import type { AddressGroup, CriteriaNames } from '../../criteria/names.ts'
import { PrefixTable } from '../../criteria/prefix-table.ts'
import { CriteriaError } from '../../criteria/problem.ts'
import type { ClassifiedFlow } from '../../model/classified-flow.ts'
import type { AddressRule, RuleDraft, SoftRule } from './draft.ts'
import { HostRules } from './host-rules.ts'
import { criteriaNames } from './names.ts'
import { formatPlace } from './rules.ts'
import type { Application, RuleHit, RuleProblem, SoftHit } from './rules.ts'

interface CompiledSoftRule {
  readonly rule: SoftRule
  readonly matches: Predicate
}

/** An address rule that holds, and whether it may name an application alone. */
export interface AddressHit extends RuleHit {
  readonly isShared: boolean
}

/** What surrounds rules: groups of addresses, and the zone of times of day. */
export interface RuleContext {
  readonly groups?: ReadonlyMap<string, AddressGroup>
  readonly timeZone?: string | undefined
}

/** Rules in force: compiled once, never changed; a reload makes new ones. */
export class ApplicationRules {
  readonly applications: readonly Application[]
  readonly names: CriteriaNames
  readonly warnings: readonly RuleProblem[]
  /** Names that an earlier line or file had already. */
  readonly repeated: number
  private readonly hosts: HostRules
  private readonly prefixes: PrefixTable
  private readonly addressRules: readonly AddressRule[]
  /** What is said by each address rule, once it was met. */
  private readonly addressHits: (AddressHit | undefined)[] = []
  private readonly soft: readonly CompiledSoftRule[]
  private readonly byName: ReadonlyMap<string, Application>

  /** Compiles what files said; what is wrong is added to the draft's errors. */
  constructor(draft: RuleDraft, context: RuleContext = {}) {
    this.applications = draft.applications
    this.byName = new Map(draft.applications.map((one) => [one.name, one]))
    this.names = criteriaNames(draft.applications, draft.aliases, context.groups)
    this.hosts = new HostRules(draft)
    this.prefixes = new PrefixTable(draft.prefixes)
    this.addressRules = draft.addressRules
    this.soft = draft.soft.flatMap((rule) => this.compile(rule, draft, context))
    this.warnings = draft.warnings
    this.repeated = draft.repeated
    checkNumbers(draft)
    this.checkExamples(draft)
  }

  get counts(): Readonly<Record<'applications' | 'hosts' | 'prefixes' | 'soft', number>> {
    return {
      applications: this.applications.length,
      hosts: this.hosts.size,
      prefixes: this.addressRules.length,
      soft: this.soft.length,
    }
  }

  /** Octets that names and prefixes take. */
  get bytes(): number {
    return this.hosts.bytes + this.prefixes.bytes
  }

  /** An application by its identifier. */
  application(name: string): Application | undefined {
    return this.byName.get(name)
  }

  /** What the name of a host says: the longest rule that holds it. */
  byHost(host: string): RuleHit | undefined {
    return this.hosts.find(host)
  }

  /** What an address says: the longest prefix that holds it. */
  byAddress(w0: number, w1: number, w2: number, w3: number): AddressHit | undefined {
    const number = this.prefixes.find(w0, w1, w2, w3)
    return number < 0 ? undefined : (this.addressHits[number] ??= this.addressHit(number))
  }

  private addressHit(number: number): AddressHit | undefined {
    const found = this.addressRules[number]
    if (found === undefined) return undefined
    const { owner, isShared, place } = found
    const application = this.applications[owner]?.name ?? ''
    return { application, isShared, place, rule: 'address prefix', said: undefined }
  }

  get hasSoftRules(): boolean {
    return this.soft.length > 0
  }

  /** The first soft rule that the flow meets. */
  bySoftRule(flow: ClassifiedFlow): SoftHit | undefined {
    for (const { rule, matches } of this.soft) {
      if (!matches(flow)) continue
      const { application, protocol, expression, place } = rule
      const shown = expression.length > 80 ? `${expression.slice(0, 77)}...` : expression
      return { application, protocol, place, rule: shown }
    }
    return undefined
  }

  private compile(rule: SoftRule, draft: RuleDraft, context: RuleContext): CompiledSoftRule[] {
    const { place, isForeign } = rule
    try {
      const { names } = this
      const { timeZone } = context
      const options = { names, timeZone, forgivesNames: isForeign }
      const { matches, warnings } = compileCriteria(rule.expression, options)
      for (const { text, column } of warnings) {
        draft.warnings.push({ ...place, column: rule.column + column - 1, text })
      }
      return [{ rule, matches }]
    } catch (error) {
      if (!(error instanceof CriteriaError)) throw error
      const column = rule.column + error.place.column - 1
      draft.errors.push({ ...place, column, text: error.reason })
      return []
    }
  }

  /** Every example must be named as it says. */
  private checkExamples(draft: RuleDraft): void {
    for (const { application, host, isMeant, place } of draft.examples) {
      const hit = this.hosts.find(host)
      const isNamed = hit?.application === application
      if (isNamed === isMeant) continue
      const named =
        hit === undefined
          ? 'nothing names it'
          : `${formatPlace(hit.place)} names it ${hit.application}`
      const wish = isMeant ? 'shall be' : 'shall not be'
      const text = `${host} ${wish} ${application}, but ${named}.`
      // A file that stands before may name it otherwise on purpose.
      const isOverruled = isMeant && hit !== undefined && draft.isBefore(hit.place, place)
      const list = isOverruled ? draft.warnings : draft.errors
      list.push({ ...place, column: 1, text })
    }
  }
}

/** Two applications with one number would be one in what is exported. */
function checkNumbers(draft: RuleDraft): void {
  const seen = new Map<number, string>()
  for (const { id, name } of draft.applications) {
    const other = seen.get(id)
    seen.set(id, name)
    if (other === undefined) continue
    const place = { file: draft.files[0] ?? '', line: 1, column: 1 }
    draft.errors.push({ ...place, text: `${name} and ${other} have the same number ${id}.` })
  }
}
