import type { Classification } from '../../model/classification.ts'
import type { ClassifiedFlow } from '../../model/classified-flow.ts'
import type { ApplicationRules, RuleContext } from './application-rules.ts'
import { loadRules } from './load.ts'
import type { RuleFile } from './load.ts'
import { weigh } from './weigh.ts'

/** Flows on which new rules are tried before they are in force. */
const recentFlows = 2000
/** Kinds of change that are shown. */
const maxChanges = 50

type RuleFiles = readonly RuleFile[]

type DnsNames = readonly string[]

/** Flows that new rules would name otherwise. */
export interface Change {
  readonly from: string | undefined
  readonly to: string | undefined
  readonly flows: number
  /** A host of one of them, where there was one. */
  readonly host: string | undefined
}

/** What new rules would change. */
export interface ReloadPlan {
  readonly rules: ApplicationRules
  /** Flows that they were tried on. */
  readonly tried: number
  readonly changes: readonly Change[]
}

/** `412 of 2000 recent flows change from none to zoom (us02web.zoom.us)`. */
export function formatChange({ from, to, flows, host }: Change, tried: number): string {
  const example = host === undefined ? '' : ` (${host})`
  const change = `change from ${from ?? 'none'} to ${to ?? 'none'}`
  return `${flows} of ${tried} recent flows ${change}${example}`
}

/**
 * Keeps the rules in force. New ones are read, checked and tried beside the old ones; then they
 * take their place in one step, and the old ones can come back.
 */
export class RuleKeeper {
  private current: ApplicationRules
  private before: ApplicationRules | undefined
  private files: readonly RuleFile[]
  private readonly context: RuleContext
  /** Flows that were judged lately, and the names that their clients had asked for. */
  private readonly recent: ClassifiedFlow[] = []
  private readonly recentNames: DnsNames[] = []
  private next = 0

  /** @throws FlowledgerError `rules-invalid` with the places of what is wrong */
  constructor(files: RuleFiles, context: RuleContext = {}) {
    this.files = files
    this.context = context
    this.current = loadRules(files, context)
  }

  get rules(): ApplicationRules {
    return this.current
  }

  /** Names the application of a flow, and remembers it for trying other rules. */
  judge(base: ClassifiedFlow, dnsNames: DnsNames): Classification {
    this.recent[this.next] = base
    this.recentNames[this.next] = dnsNames
    this.next = (this.next + 1) % recentFlows
    return weigh(base, dnsNames, this.current)
  }

  /**
   * Reads rules anew, and tells what they would change; those in force stay.
   *
   * @throws FlowledgerError `rules-invalid`
   */
  plan(files: readonly RuleFile[] = this.files): ReloadPlan {
    const rules = loadRules(files, this.context)
    return { rules, tried: this.recent.length, changes: this.changesBy(rules) }
  }

  /**
   * Puts rules into force that were read anew. Where they cannot be used, those in force stay.
   *
   * @throws FlowledgerError `rules-invalid`
   */
  reload(files: readonly RuleFile[] = this.files): ReloadPlan {
    const plan = this.plan(files)
    this.before = this.current
    this.current = plan.rules
    this.files = files
    return plan
  }

  /**
   * Puts the rules back that were in force before, until files are read anew; those that were in
   * force can come back the same way.
   *
   * @returns undefined where there are none, as none were read since the start
   */
  rollback(): ReloadPlan | undefined {
    const { before } = this
    if (before === undefined) return undefined
    const plan = { rules: before, tried: this.recent.length, changes: this.changesBy(before) }
    this.before = this.current
    this.current = before
    return plan
  }

  private changesBy(rules: ApplicationRules): Change[] {
    const changes = new Map<string, Change>()
    for (const [i, base] of this.recent.entries()) {
      const dnsNames = this.recentNames[i] ?? []
      // What is in force now, not what was when the flow was seen.
      const from = weigh(base, dnsNames, this.current).application
      const to = weigh(base, dnsNames, rules).application
      if (from === to) continue
      const key = `${from ?? ''}>${to ?? ''}`
      const known = changes.get(key)
      const host = known?.host ?? base.metadata.hostname
      changes.set(key, { from, to, host, flows: (known?.flows ?? 0) + 1 })
    }
    return [...changes.values()].toSorted((a, b) => b.flows - a.flows).slice(0, maxChanges)
  }
}
