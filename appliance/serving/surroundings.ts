/**
 * What the answering half is given by what runs around it: in the same process, or in the one that
 * started it.
 */
import { Registry } from 'prom-client'
import type { Readiness } from '../../lookup-api/api-dependencies.ts'
import { describeConfiguration } from '../../lookup-api/evidence-file/configuration.ts'
import type { EvidenceDependencies } from '../../lookup-api/evidence-file/export.ts'
import type { Config } from '../../model/config.ts'
import { FlowledgerError } from '../../model/errors.ts'
import type { Exporters } from '../../model/exporter-health.ts'
import type { LiveFlows } from '../../model/live-flows.ts'
import type { OpenFlows } from '../../model/open-flows.ts'
import { auditHeadsIn } from '../../store/audit-head.ts'
import type { AuditHeads } from '../../store/audit-head.ts'
import type { SpoolPump } from '../../store/spool-pump.ts'
import { hashDestinationBy } from '../../store/retention/destination-hash.ts'
import type { HashDestination } from '../../store/retention/destination-hash.ts'
import { listPublicKeys, openSigningKey } from '../../store/signing-key.ts'
import { countArchive } from '../archive/metrics.ts'
import type { Sealing } from '../archive/sealing.ts'
import type { Capturing } from '../capture/capturing.ts'
import { countCapture } from '../capture/metrics.ts'
import type { Collecting } from '../conntrack/collecting.ts'
import { countCollecting } from '../conntrack/metrics.ts'
import type { Exporting } from '../exporting/exporting.ts'
import { countExporting } from '../exporting/metrics.ts'
import type { CollectingIdentity } from '../identity/collecting.ts'
import { countIdentity } from '../identity/metrics.ts'
import type { CollectingNetflow } from '../netflow/collecting.ts'
import type { LedgerGate } from '../ledger-gate.ts'
import { countNetflow } from '../netflow/metrics.ts'
import type { Purging } from '../retention/purging.ts'
import { countRollups } from '../rollup-metrics.ts'
import type { SpoolWatch } from '../spool-watch.ts'
import type { CollectingSyslog } from '../syslog/collecting.ts'
import { countSyslog } from '../syslog/metrics.ts'
import { exportersOf, openFlowsOf } from './open-flows.ts'

/** What collects beside the answers: it is asked directly, counted, and shown. */
export interface Served {
  /** Left out: it is open. */
  readonly ledger?: LedgerGate
  readonly collecting?: Collecting
  readonly identity?: CollectingIdentity
  readonly syslog?: CollectingSyslog
  readonly netflow?: CollectingNetflow
  readonly exporting?: Exporting
  readonly capturing?: Capturing
  readonly spoolWatch?: SpoolWatch
  readonly sealing?: Sealing
  readonly purging?: Purging
}

export interface Surroundings {
  readonly openFlows: OpenFlows
  readonly exporters?: Exporters
  readonly liveFlows?: LiveFlows
  /** What of it has to hold for answers; nothing where nothing is collected here. */
  readonly readiness: readonly Readiness[]
  /** Counters of all that runs beside; the API adds its own. */
  readonly registry: Registry
  readonly heads: AuditHeads
  readonly evidence: EvidenceDependencies
  /** Keyed hash of a far end, as rows have it once it is past; undefined: none was hashed here. */
  readonly hashDestination: HashDestination
}

/** A ledger that is further behind than this is not ready (ms). */
const lagMs = 60_000

function collectorReadiness(collecting: Collecting): Readiness {
  return {
    name: 'collector',
    async check() {
      const status = await collecting.status()
      const failure = failureOf(collecting)
      if (failure !== undefined) return failure
      if (status === undefined) return collecting.notFollowing?.message
      if (!status.settled) return 'The connection tracking table is being compared after a gap.'
      const behind = Date.now() - collecting.pump.committedWatermarkUs / 1000
      if (behind > lagMs) return 'The ledger is behind the spool.'
      return status.refusal === undefined ? undefined : `The spool refuses: ${status.refusal}.`
    },
  }
}

/** Why rows stay in a spool: what holds its pump up now. */
const failureOf = ({ pump }: { readonly pump: SpoolPump }): string | undefined =>
  pump.failure instanceof FlowledgerError ? pump.failure.sentence : undefined

/** What others tell, on its way into the ledger. */
const pumpReadiness = (name: string, fed: { readonly pump: SpoolPump }): Readiness => ({
  name,
  check: async () => failureOf(fed),
})

/** Everything that runs beside the answers, on one registry. */
function registryOf(served: Served): Registry {
  const { collecting, identity, syslog, netflow, exporting, capturing, spoolWatch } = served
  const registry = new Registry()
  spoolWatch?.count(registry)
  if (collecting !== undefined) countCollecting(registry, collecting)
  if (identity !== undefined) countIdentity(registry, identity)
  if (syslog !== undefined) countSyslog(registry, syslog)
  if (netflow !== undefined) countNetflow(registry, netflow)
  if (exporting !== undefined) countExporting(registry, exporting)
  if (capturing !== undefined) countCapture(registry, capturing)
  if (collecting !== undefined) countArchive(registry, [served.sealing, served.purging])
  countRollups(registry, { conntrack: collecting, netflow, syslog })
  return registry
}

/**
 * Where answers are given in the process that collects, or where nothing is collected.
 *
 * @param inForce the configuration at the moment
 */
export function surroundingsHere(inForce: () => Config, served: Served): Surroundings {
  const config = inForce()
  const { dataDir } = config
  const { collecting, netflow, syslog, capturing, spoolWatch } = served
  const exporters = exportersOf(config, collecting !== undefined, netflow)
  return {
    openFlows: openFlowsOf(config, collecting?.openFlows),
    ...(exporters === undefined ? {} : { exporters }),
    ...(capturing === undefined ? {} : { liveFlows: capturing }),
    readiness: [
      ...(collecting === undefined ? [] : [collectorReadiness(collecting)]),
      ...(netflow === undefined ? [] : [pumpReadiness('netflow', netflow)]),
      ...(syslog === undefined ? [] : [pumpReadiness('syslog', syslog)]),
      ...(spoolWatch === undefined ? [] : [spoolWatch.readiness]),
    ],
    registry: registryOf(served),
    heads: auditHeadsIn(dataDir),
    hashDestination: hashDestinationBy(dataDir),
    evidence: {
      signer: () => openSigningKey(dataDir),
      publicKeys: () => listPublicKeys(dataDir),
      configuration: () => describeConfiguration(inForce()),
    },
  }
}
