/** The flows of a spool in a file of nfcapd's, as nfdump and nfreplay read it. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Target } from '../exporter/target.ts'
import { exportTargetOf, exporterSchema } from '../model/export-targets.ts'
import type { ExportTarget } from '../model/export-targets.ts'
import { makeBatchIn } from '../model/flow-batch.ts'
import type { FlowBatch } from '../model/flow-batch.ts'
import { batchRows } from '../model/limits.ts'
import { SpoolReader, readerMemory } from '../store/spool-reader.ts'
import { SpoolWriter } from '../store/spool-writer.ts'

const nowUs = (): number => Date.now() * 1000

/** What targets are told of this process. */
export const exportHost = {
  process: process.pid,
  bootUs: nowUs() - 7 * 86_400e6,
  interfaces: () => [],
}

/** A target as its section of the configuration has it. */
export function targetOf(given: Record<string, unknown>): ExportTarget {
  const [file] = exporterSchema.parse({ targets: [given] }).targets
  if (file === undefined) throw new Error('no target')
  return exportTargetOf(file)
}

export function writeSpool(directory: string, batches: readonly FlowBatch[]): void {
  const writer = new SpoolWriter({
    directory,
    source: 'bench',
    maxBytes: 2 ** 40,
    syncBytes: 1 << 30,
  })
  for (const batch of batches) {
    writer.append('slices', batch, { watermarkUs: nowUs(), closedThroughUs: nowUs() })
  }
  writer.close()
}

export interface SentSpool {
  readonly records: number
  readonly bytes: number
  readonly messages: number
  readonly cpuUs: number
}

/** Sends a spool to a port; CPU of this process a record, the kernel's work for it included. */
export async function sendSpool(
  directory: string,
  given: Record<string, unknown>
): Promise<SentSpool> {
  const config = targetOf({ options: [], rate: 10_000_000, ...given })
  const memory = readerMemory([[]], Target.bytes(config))
  const target = new Target(config, exportHost, 0, { memory })
  const batch = makeBatchIn(memory, batchRows)
  const reader = new SpoolReader(directory, { segment: 0, offset: 0 }, true)
  await target.open(nowUs())
  const from = process.cpuUsage()
  for (let frame = reader.next(batch); frame !== undefined; frame = reader.next(batch)) {
    if (frame.kind === 'slices') await target.tell(frame.batch, 'slices', nowUs())
  }
  await target.flush(nowUs())
  const { user, system } = process.cpuUsage(from)
  await target.close()
  reader.close()
  const { records, bytes, messages } = target.counters
  return { records, bytes, messages, cpuUs: (user + system) / records }
}

/** Has nfcapd record a spool as NetFlow 9; gives the path of its file. */
export async function recordWithNfcapd(spool: string, directory: string): Promise<string> {
  const port = 20_000 + (process.pid % 20_000)
  const argv = `-w ${directory} -p ${port} -t 3600 -b 127.0.0.1 -B 8000000`.split(' ')
  const child = spawn('nfcapd', argv, { stdio: 'ignore' })
  await sleep(1000)
  await sendSpool(spool, {
    address: `127.0.0.1:${port}`,
    protocol: 'netflow9',
    directions: 'forward',
    rate: 10_000,
  })
  await sleep(1000)
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
  const file = readdirSync(directory).find((name) => /^nfcapd\.\d+$/.test(name))
  if (file === undefined) throw new Error('nfcapd wrote nothing')
  return join(directory, file)
}

/** How many flows a file of nfcapd's has. */
export function flowsIn(file: string): number {
  const { stdout } = spawnSync('nfdump', ['-r', file, '-I'], { encoding: 'utf8' })
  return Number(/^Flows: (\d+)/m.exec(stdout)?.[1])
}
