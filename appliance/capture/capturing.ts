/** Live classification: first packets (NFLOG) -> classifier, rules -> stream, in its own thread. */
import type { MessagePort } from 'node:worker_threads'
import type { CaptureStatus } from './messages.ts'
import { CaptureThread } from './thread.ts'
import type { NamingConfig } from './naming.ts'
import { rulesetState, whatIsMissing } from './nflog-ruleset.ts'
import type { Config } from '../../model/config.ts'
import { FlowledgerError } from '../../model/errors.ts'
import type { LiveFlows } from '../../model/live-flows.ts'
import type { Log } from '../../model/log.ts'

export interface Capturing extends LiveFlows {
  /** Undefined where nothing is classified. */
  status(): Promise<CaptureStatus | undefined>
  describe(): readonly string[]
  /**
   * Takes rules anew, and which addresses are ours.
   *
   * @throws FlowledgerError where they cannot be used; those in force stay
   */
  reload(config: Config): Promise<void>
  stop(): Promise<void>
}

function namingOf({ dataDir, applications, stream, networks }: Config): NamingConfig {
  return {
    dataDir,
    applications,
    ...(stream === undefined ? {} : { stream }),
    ...(networks === undefined ? {} : { networks: { inside: networks.inside } }),
  }
}

/** What is bound at the start: the group, the stream's sockets, what rules are read with. */
export function fixedCapture({ collector, stream, applications, policy }: Config): string {
  const { groups, timeZone, keepHints, personal } = applications
  const { capture } = collector
  const log = policy === undefined ? null : [policy.keepUs, policy.maxBytes]
  const named = [groups ?? '', timeZone ?? '', keepHints, personal]
  return JSON.stringify([capture ?? null, stream ?? null, ...named, log])
}

/** Errors of the host, with which `enabled: auto` goes on; others are mistakes in a file. */
const ofTheHost: ReadonlySet<string> = new Set(['permission-missing', 'port-in-use', 'not-running'])

async function start(
  config: Config,
  capture: NonNullable<Config['collector']['capture']>,
  follower: MessagePort | undefined,
  log: Log
): Promise<CaptureThread | FlowledgerError> {
  if (capture.enabled === false) {
    return new FlowledgerError('usage', 'collector.capture.enabled is false.')
  }
  try {
    return await CaptureThread.start(
      { capture, naming: namingOf(config), policy: config.policy, follower },
      log
    )
  } catch (error) {
    const isTold = error instanceof FlowledgerError && ofTheHost.has(error.code)
    if (capture.enabled === true || !isTold) throw error
    return error
  }
}

/**
 * Starts to classify where the configuration asks for it. Rules of the kernel are looked at, never
 * changed.
 *
 * @param openFollower gives a way to the thread that follows conntrack, where one does
 */
export async function startCapturing(
  config: Config,
  log: Log,
  openFollower: () => MessagePort | undefined
): Promise<Capturing | undefined> {
  const { capture } = config.collector
  if (capture === undefined) return undefined
  const started = await start(config, capture, openFollower(), log)
  if (started instanceof FlowledgerError) {
    const streamed = config.stream === undefined ? '' : ', and the stream is not open'
    const line = `Connections are not classified${streamed}: ${started.sentence}`
    log.warn(line)
    return {
      status: async () => undefined,
      live: async () => undefined,
      explain: async () => undefined,
      hosts: async () => undefined,
      unknown: async () => undefined,
      rules: async () => undefined,
      describe: () => [line],
      reload: async () => undefined,
      stop: async () => undefined,
    }
  }
  void started.ended.then(() => {
    if (started.failure === undefined) return
    log.error(`Connections are not classified any more: ${started.failure.sentence}`)
  })
  const { group, interfaces } = capture
  const usesGroup = interfaces.length === 0
  const missing = usesGroup ? whatIsMissing(await rulesetState(capture), capture) : []
  const notes = missing.map(({ text, fix }) => `Note: ${text}. ${fix}`)
  const from = usesGroup
    ? `their first packets (NFLOG group ${group})`
    : `what passes ${interfaces.join(', ')}`
  return {
    status: () => started.status(),
    live: (query) => started.live(query),
    explain: (flow) => started.explain(flow),
    hosts: () => started.hosts(),
    unknown: (limit) => started.unknown(limit),
    rules: (act) => started.rules(act),
    describe: () => [`Classifying connections by ${from}.`, ...started.lines, ...notes],
    reload: (next) => started.reload(namingOf(next), next.policy),
    stop: () => started.stop(),
  }
}
