import { parsePrefix } from '../../model/address.ts'
import type { PrefixEntry } from '../../criteria/prefix-table.ts'
import { normaliseDomain } from './host-name.ts'
import { HostTable } from './host-table.ts'
import { applicationId } from './application-id.ts'
import { maxApplications, maxHostRules, maxPatterns, maxPrefixes, maxSoftRules } from './limits.ts'
import type { Application, ApplicationCategory, RulePlace, RuleProblem } from './rules.ts'

/** Rules that name hosts by a pattern. */
export interface PatternRule {
  readonly owner: number
  readonly kind: 'keyword' | 'pattern'
  readonly text: string
  readonly place: RulePlace
}

/** An expression, and what flows that it means are. */
export interface SoftRule {
  readonly application: string | undefined
  readonly protocol: string | undefined
  readonly expression: string
  readonly place: RulePlace
  /** Column where the expression begins. */
  readonly column: number
  /** True of files whose names need not all be known. */
  readonly isForeign: boolean
}

/** A host, and the application that it shall be named, or shall not. */
export interface Example {
  readonly application: string
  readonly host: string
  readonly isMeant: boolean
  readonly place: RulePlace
}

/** A host name is rewritten before it is looked up. */
export interface Transform {
  readonly pattern: string
  readonly replacement: string
  readonly place: RulePlace
}

export interface AddressRule {
  readonly owner: number
  /** True of prefixes where many services live: they name nothing alone. */
  readonly isShared: boolean
  readonly place: RulePlace
}

/** What files have said so far; formats write into it, line by line. */
export class RuleDraft {
  readonly files: string[] = []
  readonly applications: Application[] = []
  readonly hosts = new HostTable()
  readonly patterns: PatternRule[] = []
  readonly prefixes: PrefixEntry[] = []
  readonly addressRules: AddressRule[] = []
  readonly soft: SoftRule[] = []
  readonly transforms: Transform[] = []
  readonly examples: Example[] = []
  readonly errors: RuleProblem[] = []
  readonly warnings: RuleProblem[] = []
  /** Tags and numbers of other lists, and the application meant. */
  readonly aliases = new Map<string, string>()
  /** Names that were there already, by an earlier file or line. */
  repeated = 0
  line = 0
  private readonly numbers = new Map<string, number>()

  get file(): string {
    return this.files.at(-1) ?? ''
  }

  get place(): RulePlace {
    return { file: this.file, line: this.line }
  }

  begin(file: string): void {
    this.files.push(file)
    this.line = 0
  }

  error(text: string, column = 1): void {
    this.errors.push({ ...this.place, column, text })
  }

  warn(text: string, column = 1): void {
    this.warnings.push({ ...this.place, column, text })
  }

  /** True where the file of one place was read before that of another. */
  isBefore(one: RulePlace, other: RulePlace): boolean {
    return this.files.indexOf(one.file) < this.files.indexOf(other.file)
  }

  /** Number of an application, which is made where there is none; what was said first stays. */
  application(name: string, given: Partial<Application> = {}): number {
    const known = this.numbers.get(name)
    if (known !== undefined) {
      this.complete(known, given)
      return known
    }
    if (this.applications.length >= maxApplications) {
      this.error(`There are at most ${maxApplications} applications.`)
      return 0
    }
    const { title = name, category = 'unclassified', id = applicationId(name) } = given
    this.numbers.set(name, this.applications.length)
    this.applications.push({ name, title, category, id })
    return this.applications.length - 1
  }

  has(name: string): boolean {
    return this.numbers.has(name)
  }

  /** Says the category of an application that has none yet. */
  categorise(name: string, category: ApplicationCategory): void {
    const number = this.numbers.get(name)
    if (number !== undefined) this.complete(number, { category })
  }

  host(owner: number, text: string, isExact = false, column = 1): void {
    const name = normaliseDomain(text)
    if (name === undefined) {
      this.error(`${JSON.stringify(text.slice(0, 80))} is no name of a host.`, column)
    } else if (this.hosts.size >= maxHostRules) {
      if (this.hosts.size === maxHostRules && this.errors.length === 0) {
        this.error(`There are at most ${maxHostRules} names of hosts.`)
      }
    } else if (!this.hosts.add(name, owner, isExact, this.files.length - 1, this.line)) {
      this.repeated++
    }
  }

  pattern(owner: number, kind: PatternRule['kind'], text: string): void {
    if (this.patterns.length >= maxPatterns) {
      this.error(`There are at most ${maxPatterns} patterns over names of hosts.`)
    } else this.patterns.push({ owner, kind, text, place: this.place })
  }

  net(owner: number, text: string, isShared = false, column = 1): void {
    const prefix = parsePrefix(text)
    if (prefix === undefined) {
      const what = 'is no address prefix (no bits may be set behind its length).'
      this.error(`${JSON.stringify(text.slice(0, 80))} ${what}`, column)
    } else if (this.prefixes.length >= maxPrefixes) {
      this.error(`There are at most ${maxPrefixes} address prefixes.`)
    } else {
      this.prefixes.push({ prefix, value: this.addressRules.length })
      this.addressRules.push({ owner, isShared, place: this.place })
    }
  }

  softRule(rule: Omit<SoftRule, 'place'>): void {
    if (this.soft.length >= maxSoftRules) {
      this.error(`There are at most ${maxSoftRules} expressions.`)
    } else this.soft.push({ ...rule, place: this.place })
  }

  /** What a later file adds: a title or category where there was none. */
  private complete(number: number, { title, category }: Partial<Application>): void {
    const known = this.applications[number] as Application
    this.applications[number] = {
      ...known,
      title: known.title === known.name ? (title ?? known.title) : known.title,
      category: known.category === 'unclassified' ? (category ?? known.category) : known.category,
    }
  }
}
