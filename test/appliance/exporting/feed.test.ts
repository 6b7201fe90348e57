import { mkdtempSync, rmSync, unlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ExportFeed } from '../../../appliance/exporting/feed.ts'
import { RecordKernels } from '../../../exporter/record-kernels.ts'
import { ColumnUnpacker } from '../../../store/column-unpacker.ts'
import { listSegments, segmentName } from '../../../store/spool-segments.ts'
import { SpoolWriter } from '../../../store/spool-writer.ts'
import { targetOf } from '../../exporter/flows.ts'
import { numberOf } from '../../exporter/reading.ts'
import { collectUdp } from '../../exporter/sending.ts'
import type { UdpCollector } from '../../exporter/sending.ts'
import { batchOf } from '../../store/flow-rows.ts'
import { until } from '../../until.ts'

let directory = ''
let writer: SpoolWriter
let said: string[] = []
let nextId = 1n

const nowUs = (): number => Date.now() * 1000

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'flowledger-feed-'))
  writer = openSpool()
  said = []
  nextId = 1n
})
afterEach(() => {
  writer.close()
  rmSync(directory, { recursive: true, force: true })
})

function openSpool(): SpoolWriter {
  const spool = join(directory, 'spool')
  return new SpoolWriter({
    directory: spool,
    source: 'test',
    maxBytes: 1 << 30,
    syncBytes: 1 << 20,
  })
}

/** Flows with serials of their own, as the follower would write them. */
function write(count: number, atUs = nowUs()): void {
  const flows = Array.from({ length: count }, () => ({
    source: '10.0.0.1 1000',
    destination: '198.51.100.1 80',
    postNatSource: '192.0.2.1 2000',
    startUs: atUs - 1e6,
    endUs: atUs,
    id: nextId++,
  }))
  writer.append('slices', batchOf(flows), { watermarkUs: atUs, closedThroughUs: atUs })
}

function feedTo(
  port: number,
  more: Record<string, unknown> = {}
): {
  feed: ExportFeed
  ended: Promise<void>
} {
  const feed = new ExportFeed(targetOf({ address: `127.0.0.1:${port}`, name: 'test', ...more }), {
    spools: [{ id: 'one', directory: join(directory, 'spool'), extras: [] }],
    stateDir: join(directory, 'state'),
    host: { process: 1, bootUs: nowUs() - 86_400e6, interfaces: () => [] },
    log: (level, text) => void said.push(`${level}: ${text}`),
  })
  return { feed, ended: feed.run() }
}

const idsOf = ({ messages }: UdpCollector): bigint[] =>
  messages.flatMap(({ records }) => records.map((record) => numberOf(record.get('148'))))

const upTo = (last: number): bigint[] => Array.from({ length: last }, (_, i) => BigInt(i + 1))

test('a restart goes on where it was: nothing is lost, nothing sent twice, the sequence goes on', async () => {
  const collector = await collectUdp()
  write(500)
  const first = feedTo(collector.port)
  await until(() => idsOf(collector).length >= 500)
  write(700)
  first.feed.stop()
  await first.ended
  // Written while nobody exports.
  write(300)
  const second = feedTo(collector.port)
  await until(() => idsOf(collector).length >= 1500)
  write(10)
  await until(() => idsOf(collector).length >= 1510)
  second.feed.stop()
  await second.ended
  expect(idsOf(collector)).toEqual(upTo(1510))
  let expected = 0
  for (const { sequence, records, options } of collector.messages) {
    expect(sequence).toBe(expected)
    expected += records.length + options.length
  }
  await collector.close()
})

test('compiled kernels read every frame and write every run of records', async () => {
  const read = vi.spyOn(ColumnUnpacker.prototype, 'run')
  const written = vi.spyOn(RecordKernels.prototype, 'write')
  const collector = await collectUdp()
  write(300)
  write(200)
  const { feed, ended } = feedTo(collector.port)
  await until(() => idsOf(collector).length >= 500)
  feed.stop()
  await ended
  expect(read).toHaveBeenCalledTimes(2)
  // Two runs of the first frame, two of the second.
  expect(written.mock.results.map(({ value }) => value as boolean)).toEqual(Array(4).fill(true))
  vi.restoreAllMocks()
  await collector.close()
})

test('a target that is away is waited for, and told what came meanwhile', async () => {
  const collector = await collectUdp()
  const { port } = collector
  write(100)
  const { feed, ended } = feedTo(port)
  await until(() => idsOf(collector).length >= 100)
  await collector.close()
  write(100)
  // The first datagram after the end is answered by ICMP, which the next one meets.
  await until(async () => {
    write(10)
    await new Promise((resolve) => setTimeout(resolve, 300))
    return feed.status().failure !== undefined
  })
  // It may have tried again since.
  expect(feed.status().losses.refused).toBeGreaterThan(0)
  const again = await collectUdp('127.0.0.1', port)
  const last = Number(nextId - 1n)
  await until(() => new Set([...idsOf(collector), ...idsOf(again)]).size === last)
  feed.stop()
  await ended
  expect(again.reader.lost).toBe(0)
  // What was handed over in the second before the loss is told again, and nothing else twice.
  expect(idsOf(again)).toEqual(idsOf(again).toSorted((a, b) => (a < b ? -1 : 1)))
  expect(said.filter((line) => line.startsWith('warn: '))).toHaveLength(1)
  expect(said.join()).toContain('goes on')
  await again.close()
})

test('what is too old is passed over and counted; segments that are gone are noticed', async () => {
  const collector = await collectUdp()
  write(10)
  const first = feedTo(collector.port)
  await until(() => idsOf(collector).length >= 10)
  first.feed.stop()
  await first.ended
  write(20, nowUs() - 3600e6)
  write(5)
  const second = feedTo(collector.port, { max_behind: '10m' })
  await until(() => idsOf(collector).length >= 15)
  expect(second.feed.status().tooOld).toBe(20)
  second.feed.stop()
  await second.ended
  // Two segments later the one that it was in is removed.
  for (let i = 0; i < 2; i++) {
    writer.close()
    writer = openSpool()
    write(1)
  }
  const spool = join(directory, 'spool')
  for (const segment of listSegments(spool).slice(0, -1))
    unlinkSync(join(spool, segmentName(segment)))
  const third = feedTo(collector.port)
  await until(() => idsOf(collector).length >= 16)
  expect(third.feed.status().missedSegments).toBeGreaterThan(0)
  third.feed.stop()
  await third.ended
  await collector.close()
})

test('a dead target harms no other, and one that was never told begins with what is new', async () => {
  write(50)
  writer.close()
  writer = openSpool()
  write(7)
  const collector = await collectUdp()
  const dead = feedTo(9, { transport: 'tcp', name: 'dead' })
  const nowhere = feedTo(4739, { address: 'collector.invalid:4739', name: 'nowhere' })
  const live = feedTo(collector.port)
  await until(() => idsOf(collector).length >= 7)
  expect(idsOf(collector)).toEqual(upTo(57).slice(50))
  await until(() => dead.feed.status().losses.refused !== undefined)
  await until(() => nowhere.feed.status().losses.unresolved !== undefined)
  expect(said.filter((line) => line.includes('dead')).length).toBe(1)
  for (const { feed, ended } of [dead, nowhere, live]) {
    feed.stop()
    await ended
  }
  await collector.close()
})
