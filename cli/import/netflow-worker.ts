/**
 * Reads files of NetFlow beside the thread that writes into the ledger, which it waits for: so much
 * is held at a time and no more. The same files give the same batches in the same order, which is
 * what lets a killed import go on.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { NatTracker } from '../../collector/nat/tracker.ts'
import type { CollectorJournal } from '../../collector/netflow/collector-journal.ts'
import { NetflowCollector } from '../../collector/netflow/collector.ts'
import { readNetflowFile } from '../../collector/netflow/from-files.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { maxImportOpenFlows } from '../../model/limits.ts'
import { sendable } from './netflow-messages.ts'
import type { FromNetflowReading, NetflowReading, NetflowTally } from './netflow-messages.ts'

/** Batches that may wait to be written, of some megabyte each. */
const mostWaiting = 64

function post(message: FromNetflowReading): void {
  parentPort?.postMessage(message)
}

/** Sends what is collected; of what an earlier run has written, only the number counts. */
class Sending implements CollectorJournal {
  octets = 0
  /** True while what is read is written, however many batches it is. */
  isKnown: boolean
  /** Messages that were read until now. */
  messages = (): number => 0
  readonly tracker: NatTracker
  readonly #names: string[] = []
  readonly #written: number
  readonly #waiting: Int32Array
  #batches = 0

  constructor({ run, written, waiting, ends }: NetflowReading) {
    this.isKnown = ends.length > 0
    this.#written = written
    this.#waiting = new Int32Array(waiting)
    const journal = {
      append: (kind: 'open' | 'slices' | 'nat', batch: FlowBatch): void => {
        if (kind !== 'open') this.#send(kind, batch)
      },
    }
    this.tracker = new NatTracker({ maxOpen: maxImportOpenFlows, journal })
    // Serial numbers of mappings begin where no other files' do, nor their flows'.
    this.tracker.lastFlowId = ((run ^ 0x15_5555) & 0x1f_ffff) * 2 ** 32
  }

  flows(batch: FlowBatch): void {
    this.#send('slices', batch)
  }

  events(batch: FlowBatch): void {
    this.tracker.take(batch)
  }

  sourceIndex(name: string): number {
    const known = this.#names.indexOf(name)
    if (known >= 0) return known + 1
    const index = this.#names.push(name)
    post({ type: 'source', index, name })
    return index
  }

  // What was recorded proves nothing of what was not.
  watchedFrom(): void {}
  gap(): void {}
  progress(): void {}

  restarted(source: number, atUs: number): void {
    this.tracker.restarted(source, atUs)
  }

  doubted(source: number): void {
    this.tracker.doubt(source)
  }

  #send(kind: 'slices' | 'nat', batch: FlowBatch): void {
    if (batch.length === 0) return
    const batches = ++this.#batches
    if (this.isKnown || batches <= this.#written) return
    for (let now = Atomics.load(this.#waiting, 0); now >= mostWaiting;) {
      Atomics.wait(this.#waiting, 0, now)
      now = Atomics.load(this.#waiting, 0)
    }
    Atomics.add(this.#waiting, 0, 1)
    const { octets } = this
    const messages = this.messages()
    post({ type: 'rows', batches, kind, batch: sendable(batch), octets, messages })
  }
}

function readAll(reading: NetflowReading): NetflowTally {
  const sending = new Sending(reading)
  const collector = new NetflowCollector(reading.exporters, sending, reading.run)
  sending.messages = () => collector.decoder.counters.datagrams
  const problems: string[] = []
  const read = (octets: number): void => void (sending.octets += octets)
  let messages = 0
  const exportersOf = () => [...collector.decoder.exporters.values()]
  // Where an earlier import ended it ends again, so that the batches are the same.
  const end = (): void => {
    collector.end()
    collector.tick(0)
    sending.tracker.cutAll(Math.max(0, ...exportersOf().map((one) => one.lastExportUs)))
    sending.tracker.flush()
    if (sending.octets >= (reading.ends.at(-1) ?? 0)) sending.isKnown = false
  }
  let from = 0
  for (const [index, file] of reading.files.entries()) {
    const size = reading.sizes[index] ?? 0
    const stops = reading.ends.map((at) => at - from).filter((at) => at > 0 && at < size)
    const tally = readNetflowFile(file, collector.decoder, { read, size, stops, stop: end })
    from += size
    if (reading.ends.includes(from)) end()
    messages += tally.messages
    if (tally.damage !== undefined) problems.push(`${file}: ${tally.damage}`)
  }
  end()
  const exporters = exportersOf()
  const records = exporters.reduce((sum, { counters }) => sum + counters.records, 0)
  return { messages, records, octets: sending.octets, problems }
}

try {
  post({ type: 'done', tally: readAll(workerData as NetflowReading) })
} catch (error) {
  post({ type: 'failed', message: error instanceof Error ? error.message : String(error) })
}
