import { spawnSync } from 'node:child_process'
import { linkSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { DuckDBTimestampTZValue } from '@duckdb/node-api'
import { formatWords, v4MappedWord } from '../model/address.ts'
import { makeFlowBatch } from '../model/flow-batch.ts'
import type { FlowBatch } from '../model/flow-batch.ts'
import { batchRows } from '../model/limits.ts'
import { literal } from '../store/archive/duckdb.ts'
import type { DuckDb } from '../store/archive/duckdb.ts'
import { flowsIn, recordWithNfcapd, writeSpool } from './nfcapd-file.ts'

const selected = `public_key, start_at, held_us, protocol, inside_ip, remote_ip, remote_port,
  octets, packets, reverse_octets, reverse_packets, flow_id`

function setAddress(words: Uint32Array, row: number, address: unknown): void {
  words[4 * row + 2] = v4MappedWord
  words[4 * row + 3] = Number(address)
}

function setRow({ columns }: FlowBatch, row: number, values: readonly unknown[]): void {
  const [key, start, held, protocol, inside, remote, port, octets, packets, back, backs, id] =
    values
  const [startUs, key64] = [Number((start as DuckDBTimestampTZValue).micros), key as bigint]
  const publicPort = Number(key64 & 0xffffn)
  setAddress(columns.sourceAddress, row, inside)
  setAddress(columns.destinationAddress, row, remote)
  setAddress(columns.postNatSourceAddress, row, key64 >> 16n)
  setAddress(columns.postNatDestinationAddress, row, remote)
  columns.sourceTransportPort[row] = columns.postNaptSourceTransportPort[row] = publicPort
  columns.destinationTransportPort[row] = columns.postNaptDestinationTransportPort[row] =
    Number(port)
  columns.protocolIdentifier[row] = Number(protocol)
  columns.flowId[2 * row] = Number(id)
  columns.connectionStart[row] = columns.flowStartMicroseconds[row] = startUs
  columns.flowEndMicroseconds[row] = columns.lastPacket[row] = startUs + Number(held)
  columns.octetDeltaCount[2 * row] = Number(octets)
  columns.packetDeltaCount[2 * row] = Number(packets)
  columns.reverseOctetDeltaCount[2 * row] = Number(back)
  columns.reversePacketDeltaCount[2 * row] = Number(backs)
  columns.flowEndReason[row] = 3
}

/** The sessions of sealed files as batches of the spool. */
async function batchesOf(duckDb: DuckDb, paths: readonly string[]): Promise<FlowBatch[]> {
  const list = paths.map(literal).join(', ')
  const made = await duckDb.connection.stream(`select ${selected} from read_parquet([${list}])`)
  const batches: FlowBatch[] = []
  let batch = makeFlowBatch(batchRows)
  for (;;) {
    const chunk = await made.fetchChunk()
    if (chunk === null || chunk.rowCount === 0) break
    for (const values of chunk.getRows()) {
      setRow(batch, batch.length++, values)
      if (batch.length < batchRows) continue
      batches.push(batch)
      batch = makeFlowBatch(batchRows)
    }
  }
  if (batch.length > 0) batches.push(batch)
  return batches
}

/** Files of nfcapd's that have the sessions of sealed hours: one file, under as many names. */
export class NfcapdHours {
  readonly directory: string
  /** Flows of each hour. */
  readonly flows: number

  private constructor(directory: string, flows: number) {
    this.directory = directory
    this.flows = flows
  }

  static async record(
    duckDb: DuckDb,
    paths: readonly string[],
    hours: number,
    work: string
  ): Promise<NfcapdHours> {
    const [spool, directory] = [join(work, 'beside-spool'), join(work, 'beside')]
    mkdirSync(directory)
    writeSpool(spool, await batchesOf(duckDb, paths))
    const file = await recordWithNfcapd(spool, work)
    rmSync(spool, { recursive: true })
    for (let hour = 0; hour < hours; hour++) {
      linkSync(file, join(directory, `nfcapd.20260101${String(hour).padStart(4, '0')}`))
    }
    return new NfcapdHours(directory, flowsIn(file))
  }

  /** Scans all of them for an address and a port, told nothing of the time (ms). */
  scan(word: number, port: number): number {
    const filter = `src xip ${formatWords([0, 0, v4MappedWord, word])} and src xport ${port}`
    const from = performance.now()
    const argv = ['-R', this.directory, '-q', '-A', 'srcip', filter]
    const { status, stderr } = spawnSync('nfdump', argv, { encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
    return performance.now() - from
  }
}
