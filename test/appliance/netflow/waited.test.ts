import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { NetflowJournal } from '../../../appliance/netflow/journal.ts'
import { NetflowCollector } from '../../../collector/netflow/collector.ts'
import { flowExtras } from '../../../collector/netflow/extras.ts'
import { restoreState, saveState } from '../../../collector/netflow/state.ts'
import { requireAddress } from '../../../model/address.ts'
import { makeFlowBatch } from '../../../model/flow-batch.ts'
import { batchRows } from '../../../model/limits.ts'
import { SpoolReader } from '../../../store/spool-reader.ts'
import { flowFields, flowRecord, ipfix, sessionEvent } from '../../collector/netflow/messages.ts'
import { sessionFields, set, template } from '../../collector/netflow/messages.ts'

const root = mkdtempSync(join(tmpdir(), 'waited-'))
afterAll(() => rmSync(root, { recursive: true }))

const seconds = Math.floor(Date.now() / 1000)
const spool = { source: 'x', spoolMaxBytes: 1 << 26, syncBytes: 1 << 30 }

/** One run of the program over a spool. */
class Listener {
  readonly journal: NetflowJournal
  readonly collector: NetflowCollector

  constructor(spoolDir: string, state?: string) {
    this.journal = new NetflowJournal({ ...spool, spoolDir })
    this.collector = new NetflowCollector([], this.journal)
    if (state === undefined) return
    const wasRead = (id: string): boolean => this.journal.keptOnce.has(id)
    expect(restoreState(state, this.collector.decoder, [], wasRead)).toBe(true)
    this.collector.tick(Date.now() * 1000)
  }

  send(...datagrams: readonly Buffer[]): this {
    const [w0, w1, w2, w3] = requireAddress('192.0.2.10')
    const arrival = {
      w0,
      w1,
      w2,
      w3,
      port: 4000,
      atUs: Date.now() * 1000,
      transport: 'udp',
    } as const
    for (const bytes of datagrams) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      this.collector.decoder.take(view, 0, bytes.length, arrival)
    }
    return this
  }

  /** What a state that is saved now says, behind what it speaks of. */
  save(): string {
    this.collector.rows.flush()
    this.journal.tracker.flush()
    return saveState(this.collector.decoder)
  }
}

/** How often a spool has which flow, by its octets, or its port where it is an event's. */
function flowsIn(directory: string): Map<number, number> {
  const reader = new SpoolReader(directory, { segment: 0, offset: 0 })
  const batch = makeFlowBatch(batchRows, flowExtras)
  const found = new Map<number, number>()
  for (let frame = reader.next(batch); frame !== undefined; frame = reader.next(batch)) {
    if (frame.kind !== 'slices') continue
    const { octetDeltaCount, sourceTransportPort } = batch.columns
    for (let row = 0; row < batch.length; row++) {
      const key = octetDeltaCount[2 * row] || (sourceTransportPort[row] ?? 0)
      found.set(key, (found.get(key) ?? 0) + 1)
    }
  }
  reader.close()
  return found
}

const flow = (octets: number): Buffer =>
  flowRecord({ octets: BigInt(octets), startMs: seconds * 1000 - 9000, endMs: seconds * 1000 })

const event = (step: number, port: number): Buffer =>
  sessionEvent(step, { atMs: seconds * 1000 + step, ports: [port, port] })

const numbers = (from: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => from + index)
const octets = numbers(1, 1500)
const ports = numbers(20_000, 80)

/** Data of which no template is known yet: more than one frame holds, and events. */
function unread(): Buffer[] {
  const flows = [0, 1, 2].map((part) => octets.slice(500 * part, 500 * part + 500).map(flow))
  const steps = ports.flatMap((port) => [event(4, port), event(5, port)])
  return [
    ...flows.map((part) => ipfix({ seconds }, set(256, ...part))),
    ipfix({ seconds }, set(257, ...steps)),
  ]
}

const templates = ipfix(
  { seconds },
  set(2, template(256, flowFields)),
  set(2, template(257, sessionFields))
)

test('data that waited for its template is there once, wherever the program is killed', () => {
  const directory = join(root, 'spool')
  const first = new Listener(directory)
  first.send(...unread())
  const state = first.save()
  const [segment = ''] = readdirSync(directory).filter((name) => name.endsWith('.spool'))
  const from = statSync(join(directory, segment)).size
  first.send(templates).save()
  const end = statSync(join(directory, segment)).size
  const all = flowsIn(directory)
  expect([...all.values()].every((count) => count === 1)).toBe(true)
  expect(all.size).toBe(1500 + 80)
  const step = Math.ceil((end - from) / 40)
  for (let size = from; size < end + step; size += step) {
    const cut = join(root, `cut ${size}`)
    cpSync(directory, cut, { recursive: true })
    truncateSync(join(cut, segment), Math.min(size, end))
    const second = new Listener(cut, state).send(templates)
    second.save()
    second.journal.close()
    expect([size, flowsIn(cut)]).toEqual([size, all])
  }
  first.journal.close()
})

test('what has waited too long is given up by the next start, and its time is a gap', () => {
  const first = new Listener(join(root, 'old')).send(...unread())
  const old = JSON.parse(first.save(), (key: string, value: unknown) =>
    key === 'arrivalMs' ? Date.now() - 31 * 60_000 : value
  )
  first.journal.close()
  const second = new Listener(join(root, 'old'), JSON.stringify(old)).send(templates)
  second.save()
  second.journal.close()
  expect(flowsIn(join(root, 'old')).size).toBe(0)
  const reader = new SpoolReader(join(root, 'old'), { segment: 0, offset: 0 })
  const reasons = new Set<string>()
  for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
    if (frame.kind === 'note' && frame.note.type === 'gap') reasons.add(frame.note.reason)
  }
  reader.close()
  expect([...reasons]).toEqual(['template-missing'])
})
