/**
 * The thread that collects NetFlow and IPFIX: collector/netflow handed its spool. It shares nothing
 * with the main thread but messages, so that a busy API never delays a read.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { NetflowCollector } from '../../collector/netflow/collector.ts'
import { detailOf, healthOf } from '../../collector/netflow/health.ts'
import { NetflowReceiver } from '../../collector/netflow/receiver.ts'
import { restoreState, saveState } from '../../collector/netflow/state.ts'
import { queryMappings } from '../../collector/nat/query.ts'
import { failureOf } from '../thread-failure.ts'
import type { SliceQuery } from '../../model/slice.ts'
import { ExporterState } from './exporter-state.ts'
import { NetflowJournal } from './journal.ts'
import type {
  FromNetflow,
  NetflowSetup,
  NetflowStatus,
  SourceAnswer,
  ToNetflow,
} from './messages.ts'

/** Templates and sequence numbers are saved this often, and at the end (ms). */
const saveMs = 60_000
/** Data that waits for its template is nowhere else: it is looked at so often (ms). */
const saveWaitingMs = 2_000
const tickMs = 1000

function post(message: FromNetflow): void {
  parentPort?.postMessage(message)
}

/** The parts of the running thread. */
interface Parts {
  setup: NetflowSetup
  readonly journal: NetflowJournal
  readonly collector: NetflowCollector
  readonly receiver: NetflowReceiver
}

function statusOf({ journal, collector, receiver }: Parts): NetflowStatus {
  const { decoder, rows } = collector
  const { counters, exporters, pending } = decoder
  const malformed = { ...counters.malformed }
  let [records, optionRecords, lostSequence] = [0, 0, 0]
  for (const { counters: own } of exporters.values()) {
    records += own.records
    optionRecords += own.optionRecords
    lostSequence += own.lost
    for (const [reason, count] of Object.entries(own.malformed)) {
      malformed[reason] = (malformed[reason] ?? 0) + count
    }
  }
  return {
    datagrams: counters.datagrams,
    octets: receiver.octets,
    records,
    optionRecords,
    exporters: exporters.size,
    templates: decoder.templatesTogether,
    pendingBytes: pending.bytesTogether,
    lostPending: pending.lost,
    lostSequence,
    malformed,
    kernelDrops: receiver.kernelDrops,
    refusedAddress: decoder.table.refusedAddress,
    refusedExporters: decoder.table.refusedExporters,
    refusedBy: [...decoder.table.refusedBy],
    refusedTemplates: counters.refusedTemplates,
    refusedRows: journal.spool.lostRows,
    clampedValues: rows.context.clamped,
    openMappings: journal.tracker.open.size,
    orphanEnds: journal.tracker.counters.orphans,
    receiveBuffer: receiver.grantedBuffer,
    connections: receiver.streams.counters.connections,
    addresses: receiver.addresses,
    refusal: journal.spool.refusal,
  }
}

/** What is open, by source: of those whose newest part is not in the ledger yet. */
function answerOf({ journal, collector, setup }: Parts, queries: readonly SliceQuery[]) {
  const names = new Map(journal.sources.list().map(({ index, name }) => [index, name]))
  const nameOf = (index: number): string => names.get(index) ?? ''
  const nowUs = Date.now() * 1000
  const found = queryMappings(journal.tracker, nameOf, setup.networks, queries, nowUs)
  const live = [...collector.decoder.exporters.values()].filter((one) => one.tellsEvents)
  return found.map(({ flows, cut }): SourceAnswer[] =>
    live.flatMap(({ sourceIndex }) => {
      const progress = journal.progressAt(sourceIndex)
      if (progress === undefined) return []
      const own = flows.filter((flow) => flow.sourceIndex === sourceIndex)
      const slices = own.map(({ slice }) => slice)
      return [{ source: nameOf(sourceIndex), flows: slices, cut, ...progress }]
    })
  )
}

function take(parts: Parts, message: ToNetflow): void {
  const { collector, journal, receiver } = parts
  if (message.type === 'stop') receiver.stop()
  else if (message.type === 'reload') {
    parts.setup = { ...parts.setup, networks: message.networks, netflow: message.netflow }
    collector.reload(message.netflow.exporters)
  } else if (message.type === 'status') {
    post({ type: 'status', id: message.id, status: statusOf(parts) })
  } else if (message.type === 'exporters') {
    const exporters = [...collector.decoder.exporters.values()].map(healthOf)
    post({ type: 'exporters', id: message.id, exporters })
  } else if (message.type === 'exporter') {
    const all = [...collector.decoder.exporters.values()]
    const found = all.find((one) => one.sourceName === message.name)
    const exporter = found === undefined ? undefined : detailOf(found)
    post({ type: 'exporter', id: message.id, exporter })
  } else {
    // Everything that has come so far counts, and stands in the spool before the answer does.
    receiver.drain()
    collector.tick(Date.now() * 1000)
    journal.tracker.flush()
    const found = answerOf(parts, message.queries)
    post({ type: 'answer', id: message.id, found, position: journal.spool.position })
  }
}

async function main(setup: NetflowSetup): Promise<void> {
  const journal = new NetflowJournal(setup)
  const collector = new NetflowCollector(setup.netflow.exporters, journal)
  const snapshot = (): string => {
    collector.rows.flush()
    journal.tracker.flush()
    return saveState(collector.decoder)
  }
  const state = new ExporterState(setup.spoolDir, snapshot, () => journal.spool.sync())
  restoreState(state.read(), collector.decoder, setup.netflow.exporters, (id) =>
    journal.keptOnce.has(id)
  )
  // What has waited too long is given up before its template can come: it may be kept long since.
  collector.tick(Date.now() * 1000)
  const receiver = new NetflowReceiver(collector, setup.netflow)
  await receiver.open(setup.netflow)
  const parts = { setup, journal, collector, receiver }
  // It may be set right soon.
  collector.clockSet()
  const sync = setInterval(() => journal.spool.syncSoon(), setup.syncIntervalMs)
  const tick = (): void => {
    const nowUs = Date.now() * 1000
    receiver.checkDrops(nowUs)
    collector.tick(nowUs)
    journal.tracker.tick(nowUs)
    journal.tracker.flush()
  }
  const ticking = setInterval(tick, tickMs)
  const { pending } = collector.decoder
  let savedChanges = pending.changes
  const save = async (): Promise<void> => {
    const { changes } = pending
    if (await state.save()) savedChanges = changes
  }
  const saving = setInterval(() => void save(), saveMs)
  const savingWaiting = setInterval(() => {
    if (pending.changes !== savedChanges) void save()
  }, saveWaitingMs)
  parentPort?.on('message', (message: ToNetflow) => take(parts, message))
  post({ type: 'ready' })
  await receiver.run()
  for (const timer of [sync, ticking, saving, savingWaiting]) clearInterval(timer)
  collector.end()
  tick()
  await state.end()
  journal.close()
  parentPort?.close()
}

try {
  await main(workerData as NetflowSetup)
} catch (error) {
  post({ type: 'failed', ...failureOf(error, 'not-running') })
  parentPort?.close()
}
