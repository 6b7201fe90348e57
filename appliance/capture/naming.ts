/** The classifying half of the appliance: rules that name applications, and the stream of flows. */
import { join } from 'node:path'
import { readAddressGroups } from '../../classifier/applications/address-groups.ts'
import { DnsHints } from '../../classifier/applications/dns-hints.ts'
import { FlowMemory } from '../../classifier/applications/flow-memory.ts'
import { makeJudge } from '../../classifier/applications/judge.ts'
import type { RuleContext } from '../../classifier/applications/application-rules.ts'
import { catalogue, loadRules } from '../../classifier/applications/load.ts'
import type { RuleFile } from '../../classifier/applications/load.ts'
import { formatChange, RuleKeeper } from '../../classifier/applications/rule-keeper.ts'
import { formatProblem } from '../../classifier/applications/rules.ts'
import type { ClassifierEvents, Judge } from '../../classifier/classifier.ts'
import { factsOf } from '../../classifier/facts.ts'
import type { Flow } from '../../classifier/flow.ts'
import { UnknownFlows } from '../../classifier/unknown-clusters.ts'
import { LocalNetworks } from '../../classifier/local-networks.ts'
import { openStream } from '../../exporter/stream/stream.ts'
import type { RunningStream } from '../../exporter/stream/stream.ts'
import type { ApplicationsConfig } from '../../model/application-settings.ts'
import type { Classification } from '../../model/classification.ts'
import type { ClassifiedFlow } from '../../model/classified-flow.ts'
import type { FlowVerdict } from '../../model/flow-verdict.ts'
import type { Prefix } from '../../model/address.ts'
import type {
  LivePage,
  LiveQuery,
  RuleChanges,
  RulesAct,
  SeenHost,
} from '../../model/live-flows.ts'
import type { Log } from '../../model/log.ts'
import type { StreamNames } from '../../model/streamed-flow.ts'
import type { StreamConfig } from '../../model/stream-settings.ts'
import { FlowFeed } from './flow-feed.ts'
import type { SeenFlow } from './flow-feed.ts'
import { HostInventory } from './host-inventory.ts'
import { KeptFiles } from './kept-files.ts'
import { LinkWatch } from './link-watch.ts'
import { LiveWindow } from './live-window.ts'
import { makeVeil } from './personal.ts'
import { streamNames } from './stream-names.ts'
import { verdictOf } from './verdict-of.ts'

/** What of the configuration naming goes by. */
export interface NamingConfig {
  readonly dataDir: string
  readonly applications: ApplicationsConfig
  readonly stream?: StreamConfig
  readonly networks?: { readonly inside: readonly Prefix[] }
}

export interface Naming {
  readonly keeper: RuleKeeper
  /** Names applications; handed to the classifier. */
  readonly judge: Judge
  /** Tells the stream of flows; handed to the classifier. */
  readonly events: ClassifierEvents
  /** Counts what interfaces show; handed to who reads frames. */
  readonly links: LinkWatch | undefined
  readonly stream: RunningStream | undefined
  /** What nothing recognised; told by who classifies. */
  readonly unknown: UnknownFlows
  /** What ledger and records say of a verdict. */
  readonly verdictOf: (found: Classification) => FlowVerdict
  /** A flow as rules and policy see it. */
  readonly factsOf: (flow: Flow, found: Classification) => ClassifiedFlow
  /** @throws CriteriaError where the filter cannot be read */
  live(query: LiveQuery): LivePage
  /** @throws FlowledgerError where the text names no flow */
  explain(flow: string): string[]
  hosts(): SeenHost[]
  /**
   * What other rules change; undefined where none were in force before.
   *
   * @throws FlowledgerError `rules-invalid`
   */
  rules(act: RulesAct): RuleChanges | undefined
  describe(): string[]
  /**
   * Takes rules and networks anew; where they cannot be used, those in force stay and the error
   * says where.
   */
  reload(config: NamingConfig): void
  stop(): Promise<void>
}

function filesOf({ rules, catalogue: hasCatalogue }: ApplicationsConfig): readonly RuleFile[] {
  return hasCatalogue ? [...rules, catalogue] : rules
}

/** Names of protocols and applications for those who only read them; rules are read when asked. */
export function namesOf(config: NamingConfig): () => StreamNames {
  let names: StreamNames | undefined
  return () => {
    const load = (): StreamNames => {
      const rules = loadRules(filesOf(config.applications), contextOf(config.applications))
      return streamNames(() => rules)
    }
    return (names ??= load())
  }
}

function contextOf({ groups, timeZone }: ApplicationsConfig): RuleContext {
  return { timeZone, ...(groups === undefined ? {} : { groups: readAddressGroups(groups) }) }
}

/**
 * Opens rules and stream.
 *
 * @param interfaces names of those that are read, in the order of their numbers; left out: numbers
 *   are the kernel's
 * @throws FlowledgerError `rules-invalid`, `stream-unusable`
 */
export async function openNaming(
  config: NamingConfig,
  log: Log,
  interfaces?: readonly string[]
): Promise<Naming> {
  const { applications, dataDir } = config
  const keeper = new RuleKeeper(filesOf(applications), contextOf(applications))
  for (const warning of keeper.rules.warnings) log.warn(formatProblem(warning))
  const hints = new DnsHints()
  const memory = new FlowMemory()
  const kept = [
    // What somebody asked DNS for tells about him.
    ...(applications.personal === 'keep'
      ? [{ what: hints, path: join(dataDir, 'dns-hints.ndjson') }]
      : []),
    { what: memory, path: join(dataDir, 'flow-memory.ndjson') },
  ]
  const files = applications.keepHints ? new KeptFiles(kept, log) : undefined
  const networks = new LocalNetworks(config.networks?.inside)
  const rules = () => keeper.rules
  const veil = makeVeil(applications.personal, dataDir)
  // Nobody else asks what interfaces show, and it costs each packet something.
  const links = config.stream === undefined ? undefined : new LinkWatch(interfaces)
  const feed = new FlowFeed(rules, networks, veil, links)
  const source = {
    names: streamNames(rules),
    established: () => feed.established(),
    counts: () => ({
      flowsActive: feed.size,
      flowsExpired: feed.expired,
      hints: hints.size,
      remembered: memory.size,
      updateIntervalMs: config.stream?.updateMs ?? 0,
    }),
    links: links === undefined ? undefined : () => links.links(),
  }
  const stream =
    config.stream === undefined
      ? undefined
      : await openStream(config.stream, source, log, () => feed.tick())
  feed.hub = stream?.hub
  const window = new LiveWindow((seen: SeenFlow) => feed.viewOf(seen))
  const hosts = new HostInventory()
  feed.onlooker = {
    seen(flow, facts) {
      window.add(flow)
      hosts.add(facts)
    },
  }
  return {
    keeper,
    judge: makeJudge({ keeper, networks, hints, memory }),
    events: feed,
    links,
    stream,
    // First octets may be a name or a password.
    unknown: new UnknownFlows(applications.personal !== 'keep'),
    live: (query) => window.since(query, keeper.rules.names),
    explain: (flow) => feed.explain(flow, window.remembered),
    hosts: () => hosts.list(),
    verdictOf: (found) => verdictOf(veil(found), keeper.rules),
    factsOf: (flow, found) => factsOf(flow, veil(found), keeper.rules, networks),
    describe: () => (stream?.addresses ?? []).map((at) => `The stream of flows is on ${at}.`),
    rules(act) {
      const changed = act === 'plan' ? keeper.plan() : keeper.rollback()
      if (changed === undefined) return undefined
      if (act === 'rollback') {
        log.info('The rules that were in force before name applications again.')
        feed.renameAll()
      }
      const { tried, changes } = changed
      return { tried, changes: changes.map(({ from, to, flows }) => ({ from, to, flows })) }
    },
    reload(next) {
      const { tried, changes } = keeper.reload(filesOf(next.applications))
      const shown = applications.personal === 'keep' ? {} : { host: undefined }
      for (const change of changes) log.info(formatChange({ ...change, ...shown }, tried))
      networks.use(next.networks?.inside)
      feed.renameAll()
    },
    async stop() {
      await stream?.stop()
      await files?.stop()
    },
  }
}
