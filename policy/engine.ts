import type { ClassifiedFlow } from '../model/classified-flow.ts'
import type { ConntrackEntry } from '../model/conntrack-entry.ts'
import { FlowledgerError } from '../model/errors.ts'
import { NetfilterRequests } from '../netlink/netfilter-requests.ts'
import { LiveFlows } from './live-flows.ts'
import type { FlowEnds } from './live-flows.ts'
import type { Policy, PolicyAction, PolicyTarget } from './policy.ts'
import { ReportLines } from './report.ts'
import type { ReportedAction } from './report.ts'
import type { Outcome, Verdict } from './outcome.ts'
import type { Target, TargetKit } from './target.ts'
import { targetKinds } from './targets.ts'

/** Whom the engine tells of what it did. */
export interface PolicyOutlets {
  warn(text: string): void
  /** Readers of the stream of flows. */
  stream(report: ReportedAction): void
  /** The action log: every action on every connection, as a line of JSON. */
  audit(line: string): void
}

/** What was done so far; each list is as long as the policy has actions and targets. */
export interface PolicyCounters {
  /** Verdicts that were asked about. */
  verdicts: number
  /** Verdicts that an exemption of the whole policy took out. */
  exempt: number
  /** Connections that each action meant. */
  readonly matched: Map<string, number>
  /** What became of it, by target and outcome: `zoom-label done`. */
  readonly outcomes: Map<string, number>
}

interface OpenTarget {
  readonly name: string
  /** Equal of two targets that do the same in the same way. */
  readonly key: string
  readonly target: Target
  /** Place in the order in which targets are flushed. */
  readonly order: number
}

const order = [...targetKinds.keys()]

const keyOf = ({ name, type, settings }: PolicyTarget, { labels, wans }: Policy): string =>
  JSON.stringify([name, type, settings, labels.key, wans?.mask, [...(wans?.marks ?? [])]])

/** One policy in force: its targets, open. */
interface InForce {
  readonly policy: Policy
  readonly targets: ReadonlyMap<string, OpenTarget>
  readonly sorted: readonly OpenTarget[]
}

/**
 * Asks a policy about connections whose verdict is known, and has its targets do what it says. All
 * that touches the kernel happens in {@link flush}, in few calls. Nothing here throws for what a
 * connection, a set or the kernel is like: it is counted and said.
 */
export class PolicyEngine {
  readonly counters: PolicyCounters = {
    verdicts: 0,
    exempt: 0,
    matched: new Map(),
    outcomes: new Map(),
  }
  private inForce: InForce
  private readonly live = new LiveFlows<OpenTarget>()
  private readonly outlets: PolicyOutlets
  private readonly startedUs: number
  private readonly said = new Set<string>()
  private readonly lines = new ReportLines()
  private requestsOpen: NetfilterRequests | undefined
  /** Work that is to be done at the next flush. */
  private isDirty = false

  /** @throws FlowledgerError where a target cannot be opened */
  constructor(policy: Policy, outlets: PolicyOutlets, startedUs: number) {
    this.outlets = outlets
    this.startedUs = startedUs
    this.inForce = this.opened(policy)
  }

  get policy(): Policy {
    return this.inForce.policy
  }

  /** Connections that a reload could be applied to. */
  get liveFlows(): number {
    return this.live.size
  }

  /** Takes a connection whose verdict is known. */
  onJoined(flow: ClassifiedFlow, entry: ConntrackEntry): void {
    this.counters.verdicts++
    const { policy } = this.inForce
    const isExempt = policy.isExempt(flow)
    if (isExempt) this.counters.exempt++
    const asked = isExempt ? [] : this.ask(flow, entry)
    if (policy.reevaluates) this.live.note(flow, entry, asked)
  }

  /** The connection is over: a reload is not for it any more. */
  onEnded(ends: FlowEnds): void {
    this.live.forget(ends)
  }

  /** Does what was gathered. */
  flush(nowUs: number): void {
    if (!this.isDirty) return
    this.isDirty = false
    for (const open of this.inForce.sorted) this.flushOne(open, nowUs)
    this.lines.forget()
  }

  /**
   * Takes another policy. Where it and the one before say so, open connections are asked anew, and
   * what was done to them and does not hold any more is taken back.
   *
   * @throws FlowledgerError where a target cannot be opened; then all stays as it was
   */
  async reload(policy: Policy, nowUs: number): Promise<void> {
    const before = this.inForce
    this.inForce = this.opened(policy, before)
    if (policy.reevaluates) this.reevaluate(nowUs)
    else this.live.clear()
    const open = new Set(this.inForce.sorted)
    this.live.keepOnly((asked) => open.has(asked))
    await this.closeTargets(before.sorted.filter((target) => !open.has(target)))
  }

  async close(): Promise<void> {
    await this.closeTargets(this.inForce.sorted)
    this.requestsOpen?.close()
    this.requestsOpen = undefined
  }

  private ask(flow: ClassifiedFlow, entry: ConntrackEntry): OpenTarget[] {
    const asked: OpenTarget[] = []
    const { policy, targets } = this.inForce
    for (const action of policy.actions) {
      if (!action.matches(flow)) continue
      add(this.counters.matched, action.name)
      const verdict: Verdict = { flow, entry, action }
      for (const open of openOf(action, targets)) {
        open.target.add(verdict)
        asked.push(open)
      }
      this.isDirty = true
      if (action.halts) break
    }
    return asked
  }

  private reevaluate(nowUs: number): void {
    const retracting = new Set<OpenTarget>()
    for (const flow of this.live) {
      const asked = this.inForce.policy.isExempt(flow.flow) ? [] : this.ask(flow.flow, flow.entry)
      for (const open of flow.asked) {
        if (asked.includes(open) || open.target.retract === undefined) continue
        const action = { name: 'reload', place: this.inForce.policy.file }
        open.target.retract({ flow: flow.flow, entry: flow.entry, action })
        retracting.add(open)
      }
      flow.asked = asked
    }
    for (const open of retracting) this.flushOne(open, nowUs)
    this.flush(nowUs)
  }

  private flushOne({ name, target }: OpenTarget, nowUs: number): void {
    const report = (verdict: Verdict, outcome: Outcome, detail?: string): void => {
      add(this.counters.outcomes, `${name} ${outcome}`)
      if (outcome === 'denied') this.warn(`${name}: the kernel refuses: CAP_NET_ADMIN is needed.`)
      if (outcome === 'missing') this.warn(`${name}: its set is not there. flowledger policy apply`)
      if (outcome === 'full') this.warn(`${name}: its set is full.`)
      if (outcome === 'no-labels') {
        this.warn(`${name}: entries have no room for labels. flowledger policy apply`)
      }
      if (outcome === 'failed') this.warn(`${name}: ${detail ?? 'it failed'}.`)
      this.outlets.audit(this.lines.line(name, verdict, outcome, nowUs, detail))
    }
    try {
      target.flush(nowUs, report)
    } catch (error) {
      add(this.counters.outcomes, `${name} failed`)
      const why = error instanceof FlowledgerError ? error.sentence : String(error)
      this.warn(`${name}: ${why}`)
    }
    if (target.isWaiting === true) this.isDirty = true
  }

  /** Opens what a policy names; what another had just so goes on, with what it remembers. */
  private opened(policy: Policy, before?: InForce): InForce {
    const there = new Map(before?.sorted.map((open) => [open.key, open]))
    const kit: TargetKit = {
      requests: () => (this.requestsOpen ??= new NetfilterRequests()),
      labels: policy.labels,
      wans: policy.wans,
      sinceUs: policy.hasBaseline ? this.startedUs : 0,
      warn: (text) => this.warn(text),
      stream: (report) => this.outlets.stream(report),
    }
    const sorted = policy.targets
      .map((target): OpenTarget => {
        const key = keyOf(target, policy)
        const known = there.get(key)
        if (known !== undefined) return known
        const opened = target.kind.open(target.name, target.settings, kit)
        return { name: target.name, key, target: opened, order: order.indexOf(target.type) }
      })
      .toSorted((a, b) => a.order - b.order)
    return { policy, sorted, targets: new Map(sorted.map((open) => [open.name, open])) }
  }

  private async closeTargets(targets: readonly OpenTarget[]): Promise<void> {
    for (const { name, target } of targets) {
      try {
        await target.close?.()
      } catch (error) {
        this.warn(`${name}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
  }

  private warn(text: string): void {
    if (this.said.has(text) || this.said.size >= 1000) return
    this.said.add(text)
    this.outlets.warn(`Policy: ${text}`)
  }
}

function openOf(
  { targets }: PolicyAction,
  open: ReadonlyMap<string, OpenTarget>
): readonly OpenTarget[] {
  return targets.flatMap((name) => open.get(name) ?? [])
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
