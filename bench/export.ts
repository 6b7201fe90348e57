import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createSocket } from 'node:dgram'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Encoder } from '../exporter/encoder.ts'
import { noCounters } from '../exporter/export-counters.ts'
import { Outbox } from '../exporter/outbox.ts'
import { RecordKernels } from '../exporter/record-kernels.ts'
import { protocols } from '../exporter/protocols.ts'
import { udp } from '../exporter/transports/udp.ts'
import { ColumnMemory } from '../model/column-memory.ts'
import { fields } from '../model/fields.ts'
import { batchBytes, makeBatchIn } from '../model/flow-batch.ts'
import type { FlowBatch } from '../model/flow-batch.ts'
import { batchRows } from '../model/limits.ts'
import { SpoolReader } from '../store/spool-reader.ts'
import { exportHost, flowsIn, recordWithNfcapd } from './nfcapd-file.ts'
import { sendSpool, targetOf, writeSpool } from './nfcapd-file.ts'
import type { SentSpool } from './nfcapd-file.ts'
import { median } from './process.ts'
import { makeBatches } from './random-flows.ts'
import { tellFigure } from './suite/figure.ts'

/**
 * Encoding from columns, and the CPU of sending a spool over UDP, once it is compiled, beside
 * nfdump's `nfreplay`, which sends the very same flows: they are first exported to nfcapd, whose
 * file it replays.
 *
 * npx tsx bench/export.ts [--flows N] [--rounds N]
 */
const { values } = parseArgs({
  options: {
    flows: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '3' },
  },
})
const rounds = Number(values.rounds)
const say = (text: string): void => void process.stderr.write(`${text}\n`)

/** Twenty fields: addresses and ports before and after translation, counters both ways. */
const twentyFields = [
  'sourceAddress',
  'destinationAddress',
  'postNatSourceAddress',
  'postNatDestinationAddress',
  'sourceTransportPort',
  'destinationTransportPort',
  'postNaptSourceTransportPort',
  'postNaptDestinationTransportPort',
  'protocolIdentifier',
  'ingressVrfId',
  'flowId',
  'conntrackId',
  'flowStartMicroseconds',
  'flowEndMicroseconds',
  'octetDeltaCount',
  'packetDeltaCount',
  'reverseOctetDeltaCount',
  'reversePacketDeltaCount',
  'flowEndReason',
]

const nowUs = (): number => Date.now() * 1000

/** A batch as the reader of a spool has it: where compiled kernels reach it. */
function copyIn(memory: ColumnMemory, batch: FlowBatch): FlowBatch {
  const copy = makeBatchIn(memory, batchRows)
  for (const { name } of fields) copy.columns[name].set(batch.columns[name])
  copy.length = batch.length
  copy.isV4 = true
  return copy
}

/** Records a second, and bytes of heap that a record leaves behind. */
function encodeSpeed(batches: readonly FlowBatch[]): { perSecond: number; heapBytes: number } {
  const settings = targetOf({ address: '127.0.0.1:9', fields: twentyFields })
  const batchesBytes = batches.length * batchBytes(batchRows)
  const memory = new ColumnMemory(batchesBytes + RecordKernels.bytes + 64 * 1472)
  const kernels = RecordKernels.over(memory)
  const outbox = new Outbox(64, 1472, Buffer.from(memory.buffer, memory.take(64 * 1472), 64 * 1472))
  const placed = batches.map((batch) => copyIn(memory, batch))
  const counters = noCounters()
  const { bootUs } = exportHost
  const encoder = new Encoder({
    protocol: protocols.ipfix,
    settings,
    outbox,
    bootUs,
    counters,
    kernels,
  })
  const pass = (): void => {
    for (const batch of placed) {
      encoder.begin(batch, 'slices')
      while (!encoder.encode(nowUs())) outbox.clear()
    }
  }
  pass()
  const speeds: number[] = []
  const heaps: number[] = []
  for (let round = 0; round < 9; round++) {
    const before = counters.records
    const heapFrom = process.memoryUsage().heapUsed
    const from = performance.now()
    pass()
    const records = counters.records - before
    speeds.push(records / ((performance.now() - from) / 1000))
    heaps.push((process.memoryUsage().heapUsed - heapFrom) / records)
  }
  return { perSecond: Math.round(median(speeds)), heapBytes: Number(median(heaps).toFixed(2)) }
}

/** The bound: the same octets in as many messages, and nothing that was encoded (us a record). */
async function sendAlone(port: number, like: SentSpool): Promise<number> {
  const session = await udp(targetOf({ address: `127.0.0.1:${port}` })).open()
  const outbox = new Outbox(session.slots, session.slotBytes)
  const each = Math.round(like.bytes / like.messages)
  const from = process.cpuUsage()
  for (let messages = 0; messages < like.messages; messages += session.slots) {
    while (outbox.next >= 0) outbox.add(each, 0)
    await session.send(outbox)
    outbox.clear()
  }
  const { user, system } = process.cpuUsage(from)
  await session.close()
  return (user + system) / like.records
}

/** The other part of the bound: the spool read to columns, and nothing done with them. */
function readAlone(spool: string, records: number): number {
  const from = process.cpuUsage()
  const reader = new SpoolReader(spool, { segment: 0, offset: 0 }, true)
  let rows = 0
  for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
    if (frame.kind === 'slices') rows += frame.batch.length
  }
  const { user, system } = process.cpuUsage(from)
  reader.close()
  if (rows !== records) throw new Error(`${rows} rows were read of ${records}`)
  return (user + system) / records
}

/** nfreplay's CPU, by the shell's own clock of its children. */
function replay(file: string, port: number, records: number): number {
  const command = `TIMEFORMAT="%U %S"; time nfreplay -r ${file} -H 127.0.0.1 -p ${port} -d 0 -v 9`
  const { stderr } = spawnSync('bash', ['-c', command], { encoding: 'utf8' })
  const [user = NaN, system = NaN] = (stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number)
  return ((user + system) * 1e6) / records
}

const directory = mkdtempSync(join(tmpdir(), 'flowledger-bench-'))
const sink = createSocket({ type: 'udp4', recvBufferSize: 4096 })
try {
  const batches = makeBatches(Number(values.flows), nowUs() - 3600e6)
  const encoding = encodeSpeed(batches.slice(0, 256))
  say(`encoding: ${encoding.perSecond} records/s`)
  const spool = join(directory, 'spool')
  writeSpool(spool, batches)
  const file = await recordWithNfcapd(spool, directory)
  const stored = flowsIn(file)
  say(`nfcapd stored ${stored} flows`)
  // Nobody reads: what is sent is dropped at the socket, for both alike.
  sink.bind(0, '127.0.0.1')
  await once(sink, 'listening')
  const { port } = sink.address()
  const address = `127.0.0.1:${port}`
  const runs: Record<'nfreplay' | 'netflow9' | 'ipfix' | 'sending' | 'reading', number[]> = {
    nfreplay: [],
    netflow9: [],
    ipfix: [],
    sending: [],
    reading: [],
  }
  let last: Record<string, SentSpool> = {}
  const v9 = { address, protocol: 'netflow9', directions: 'forward' }
  // What V8 compiles meanwhile is no part of what lasts.
  for (const given of [v9, { address }, v9, { address }]) await sendSpool(spool, given)
  for (let round = 0; round < rounds; round++) {
    runs.nfreplay.push(replay(file, port, stored))
    const netflow9 = await sendSpool(spool, v9)
    const ipfix = await sendSpool(spool, { address })
    runs.netflow9.push(netflow9.cpuUs)
    runs.ipfix.push(ipfix.cpuUs)
    runs.sending.push(await sendAlone(port, ipfix))
    runs.reading.push(readAlone(spool, ipfix.records))
    last = { netflow9, ipfix }
    const shown = [runs.nfreplay.at(-1), netflow9.cpuUs, ipfix.cpuUs].map((us) => us?.toFixed(3))
    say(`round ${round + 1}: nfreplay ${shown[0]}, NetFlow 9 ${shown[1]}, IPFIX ${shown[2]} us`)
  }
  const middle = Object.fromEntries(
    Object.entries(runs).map(([name, list]) => [name, Number(median(list).toFixed(3))])
  )
  const ratio = (us: number | undefined): number =>
    Number(((us ?? NaN) / (middle['nfreplay'] ?? NaN)).toFixed(2))
  console.log(
    JSON.stringify(
      {
        encodedRecordsPerSecond: encoding.perSecond,
        heapBytesPerRecord: encoding.heapBytes,
        fields: twentyFields.length + 1,
        flows: batches.reduce((sum, { length }) => sum + length, 0),
        flowsThatNfcapdStored: stored,
        cpuUsPerRecord: middle,
        ratios: { netflow9: ratio(middle['netflow9']), ipfix: ratio(middle['ipfix']) },
        bytesPerRecord: Object.fromEntries(
          Object.entries(last).map(([name, { bytes, records }]) => [
            name,
            Number((bytes / records).toFixed(1)),
          ])
        ),
      },
      undefined,
      2
    )
  )
  const beside = { unit: 'us CPU a record', peer: 'nfreplay', theirs: runs.nfreplay } as const
  const what = 'a spool sent as NetFlow 9'
  tellFigure({ what, better: 'less', ours: runs.netflow9, ...beside })
  const asIpfix = { what: 'a spool sent as IPFIX', better: 'less', ours: runs.ipfix } as const
  tellFigure({ ...asIpfix, ...beside })
  const bound = runs.sending.map((us, round) => us + (runs.reading[round] ?? NaN))
  tellFigure({ ...asIpfix, ...beside, peer: 'reading and sending alone', theirs: bound })
} finally {
  sink.close()
  rmSync(directory, { recursive: true, force: true })
}
