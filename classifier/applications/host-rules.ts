import { compilePattern } from '../../criteria/pattern.ts'
import type { Pattern } from '../../criteria/pattern.ts'
import type { PatternRule, RuleDraft, Transform } from './draft.ts'
import { normaliseHost } from './host-name.ts'
import type { HostTable } from './host-table.ts'
import { maxRecentHosts } from './limits.ts'
import { Recent } from './recent.ts'
import type { Application, RuleHit } from './rules.ts'

interface CompiledPattern {
  readonly rule: PatternRule
  readonly test: (host: string) => boolean
}

interface CompiledTransform {
  readonly rule: Transform
  readonly pattern: Pattern
}

/**
 * From the name of a host to the application: the longest name that holds it, and where there is
 * none the first pattern. Patterns are asked once for each of the hosts seen lately.
 */
export class HostRules {
  private readonly table: HostTable
  private readonly files: readonly string[]
  private readonly applications: readonly Application[]
  private readonly patterns: readonly CompiledPattern[]
  private readonly transforms: readonly CompiledTransform[]
  private readonly recent = new Recent<string, RuleHit | false>(maxRecentHosts)

  /** Patterns that cannot be compiled become errors of the draft. */
  constructor(draft: RuleDraft) {
    this.table = draft.hosts
    this.files = draft.files
    this.applications = draft.applications
    this.patterns = draft.patterns.flatMap((rule) => compiled(rule, draft))
    this.transforms = draft.transforms.flatMap((rule) => {
      const pattern = compilePattern(rule.pattern, { ignoreCase: true })
      return typeof pattern === 'string' ? [] : [{ rule, pattern }]
    })
  }

  /** Names that it holds. */
  get size(): number {
    return this.table.size
  }

  get bytes(): number {
    return this.table.bytes
  }

  find(host: string): RuleHit | undefined {
    const name = normaliseHost(host)
    if (name === '') return undefined
    const known = this.recent.get(name)
    if (known !== undefined) return known === false ? undefined : known
    const hit = this.search(name)
    this.recent.set(name, hit ?? false)
    return hit
  }

  private search(name: string): RuleHit | undefined {
    for (const { rule, pattern } of this.transforms) {
      const rewritten = pattern.replace(name, rule.replacement)
      if (rewritten === undefined) continue
      const hit = this.ofTable(rewritten)
      if (hit !== undefined) return { ...hit, rule: `${hit.rule}, as ${rewritten}` }
    }
    return this.ofTable(name) ?? this.ofPatterns(name)
  }

  private ofTable(name: string): RuleHit | undefined {
    const { table } = this
    const row = table.find(name)
    if (row < 0) return undefined
    return {
      application: this.nameOf(table.ownerOf(row)),
      place: { file: this.files[table.fileOf(row)] ?? '', line: table.lineOf(row) },
      rule: table.isExact(row) ? `=${table.nameOf(row)}` : table.nameOf(row),
      said: undefined,
    }
  }

  private ofPatterns(name: string): RuleHit | undefined {
    const found = this.patterns.find(({ test }) => test(name))
    if (found === undefined) return undefined
    const { owner, kind, text, place } = found.rule
    const rule = kind === 'keyword' ? `*${text}*` : `/${text}/`
    return { application: this.nameOf(owner), place, rule, said: undefined }
  }

  private nameOf(owner: number): string {
    return this.applications[owner]?.name ?? ''
  }
}

function compiled(rule: PatternRule, draft: RuleDraft): CompiledPattern[] {
  const { kind, text, place } = rule
  if (kind === 'keyword') return [{ rule, test: (host) => host.includes(text) }]
  const pattern = compilePattern(text, { ignoreCase: true })
  if (typeof pattern !== 'string') return [{ rule, test: (host) => pattern.test(host) }]
  draft.errors.push({ ...place, column: 1, text: pattern })
  return []
}
