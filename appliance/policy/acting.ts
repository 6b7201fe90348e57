/** What is done with connections once it is known what they are, in the thread that classifies. */
import { join } from 'node:path'
import type { ApplicationRules } from '../../classifier/applications/application-rules.ts'
import type { ApplicationsConfig } from '../../model/application-settings.ts'
import type { Log } from '../../model/log.ts'
import type { PolicyConfig } from '../../model/policy-settings.ts'
import { ActionLog } from '../../policy/action-log.ts'
import { PolicyEngine } from '../../policy/engine.ts'
import { inspect } from '../../policy/kernel/inspect.ts'
import { wantedOf } from '../../policy/kernel/ruleset.ts'
import type { FlowEnds } from '../../policy/live-flows.ts'
import type { Policy } from '../../policy/policy.ts'
import { formatPolicyProblem } from '../../policy/problem.ts'
import type { ReportedAction } from '../../policy/report.ts'
import { applicationRulesOf, readPolicyFile } from './reading.ts'
import type { JoinedSink } from '../capture/joined.ts'

/** What acting goes by. */
export interface ActingOptions {
  readonly dataDir: string
  readonly policy: PolicyConfig
  readonly applications: ApplicationsConfig
  readonly rules: ApplicationRules
  /** Tells whoever reads the stream of flows. */
  readonly stream: (report: ReportedAction) => void
}

/** What the policy did so far. */
export interface PolicyStatus {
  readonly verdicts: number
  readonly exempt: number
  readonly matched: Readonly<Record<string, number>>
  /** By target and outcome, with a space between. */
  readonly outcomes: Readonly<Record<string, number>>
  readonly liveFlows: number
  /** Lines of the action log that were lost. */
  readonly unlogged: number
}

export interface Acting extends JoinedSink {
  /** The connection is over. */
  onEnded(ends: FlowEnds): void
  status(): PolicyStatus
  describe(): Promise<readonly string[]>
  /**
   * Reads the policy anew.
   *
   * @returns what puts it in force; until then all is as it was
   * @throws FlowledgerError `rules-invalid`
   */
  prepare(policy: PolicyConfig, applications: ApplicationsConfig): () => Promise<void>
  stop(): Promise<void>
}

/** Where the action log of a data directory is. */
export const actionFolder = (dataDir: string): string => join(dataDir, 'policy')

/** How often what waits for its turn is looked at (ms). */
const tickMs = 50

const nowUs = (): number => Date.now() * 1000

/** What the kernel lacks for a policy, in plain sentences. */
async function kernelNotes({ targets }: Policy): Promise<readonly string[]> {
  const findings = await inspect(wantedOf(targets.flatMap(({ needs }) => needs)))
  return findings.map(({ text, fix }) => `Note: ${text} ${fix}`)
}

/**
 * Starts to act. Rules and sets of the kernel are looked at and filled, never made: that is
 * `flowledger policy apply`.
 *
 * @throws FlowledgerError `rules-invalid`
 */
export function startActing(options: ActingOptions, log: Log): Acting {
  const { dataDir, applications } = options
  const read = (file: string, rules: ApplicationRules): Policy => {
    const policy = readPolicyFile(file, rules, applications)
    for (const warning of policy.warnings) log.warn(formatPolicyProblem(file, warning))
    return policy
  }
  const { keepUs, maxBytes } = options.policy
  const warn = (text: string): void => log.warn(text)
  const actions = new ActionLog({ folder: actionFolder(dataDir), keepUs, maxBytes }, warn)
  const engine = new PolicyEngine(
    read(options.policy.rules, options.rules),
    { warn, stream: options.stream, audit: (line) => actions.add(line) },
    nowUs()
  )
  const flush = (): void => {
    engine.flush(nowUs())
    actions.flush()
  }
  const timer = setInterval(flush, tickMs).unref()
  return {
    onJoined: (flow, entry) => engine.onJoined(flow, entry),
    onEnded: (ends) => engine.onEnded(ends),
    flush,
    status: () => ({
      verdicts: engine.counters.verdicts,
      exempt: engine.counters.exempt,
      matched: Object.fromEntries(engine.counters.matched),
      outcomes: Object.fromEntries(engine.counters.outcomes),
      liveFlows: engine.liveFlows,
      unlogged: actions.lost,
    }),
    async describe() {
      const { policy } = engine
      const count = `${policy.actions.length} actions, ${policy.targets.length} targets`
      return [`Acting on connections by ${policy.file} (${count}).`, ...(await kernelNotes(policy))]
    },
    prepare(next, names) {
      const policy = read(next.rules, applicationRulesOf(names))
      return async () => {
        await engine.reload(policy, nowUs())
        for (const note of await kernelNotes(policy)) log.warn(note)
      }
    },
    async stop() {
      clearInterval(timer)
      flush()
      await engine.close()
      await actions.close()
    },
  }
}
