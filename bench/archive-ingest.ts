import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Worker } from 'node:worker_threads'
import type { SealOutcome } from '../appliance/archive/seal-thread.ts'
import { startThread } from '../appliance/start-thread.ts'
import { noNetworks } from '../model/nat-view.ts'
import type { SealOptions } from '../store/archive/seal.ts'
import type { DatabaseUrls } from '../store/database-url.ts'
import { LedgerWriter } from '../store/ledger-writer.ts'
import { hourOf, partitionUs } from '../store/partitions.ts'
import { SpoolPump } from '../store/spool-pump.ts'
import { spoolSize } from '../store/spool-segments.ts'
import { cpuSeconds, endedCpuSeconds, postmasterOf, serverCpu } from './process.ts'
import { slopePerHour } from './slope.ts'

/** Records pass an hour of theirs in so many seconds: one is sealed as often. */
const hourSeconds = 60
const speed = 3600 / hourSeconds

/** An hour is sealed when it is over for so long (us of the records). */
const sealAfterUs = 1200e6

/** How long a segment of the spool is kept that is in the ledger (ms). */
const keepMs = 30_000

export interface IngestSetup {
  readonly dataDir: string
  readonly directory: string
  readonly urls: DatabaseUrls
  readonly minutes: number
  readonly rate: number
}

interface Sealed {
  hours: number
  rows: number
  failed: string[]
}

/** Seals what is old enough, as `up` does, in a thread; one at a time. */
function makeSealing({ dataDir, directory, urls }: IngestSetup, firstUs: number) {
  const sealed: Sealed = { hours: 0, rows: 0, failed: [] }
  const began = performance.now()
  let thread: Worker | undefined
  const seal = (): void => {
    if (thread !== undefined) return
    const nowUs = firstUs + (performance.now() - began) * 1000 * speed
    const options: SealOptions = {
      ownerUrl: urls.owner,
      dataDir,
      directory,
      actor: 'bench',
      nowUs,
      olderThanUs: sealAfterUs,
    }
    thread = startThread(new URL('../appliance/archive/seal-thread.ts', import.meta.url), options)
    thread.on('message', (outcome: SealOutcome) => {
      if ('failed' in outcome) {
        sealed.failed.push(outcome.failed)
        return
      }
      if ('aside' in outcome) return
      sealed.hours += outcome.sealed.hours
      sealed.rows += outcome.sealed.rows
    })
    thread.on('exit', () => (thread = undefined))
  }
  // To start a thread takes tsx a second of the processor.
  const timer = setInterval(seal, hourSeconds * 1000)
  return {
    sealed,
    async stop(): Promise<void> {
      clearInterval(timer)
      if (thread !== undefined) await once(thread, 'exit')
    },
  }
}

interface Sample {
  readonly seconds: number
  readonly sent: number
  /** Rows that are in the spool and not in the ledger. */
  readonly waiting: number
  /** Octets of the spool on disk, with what is in the ledger and not removed yet. */
  readonly octets: number
}

const inMillions = (rows: number): string => (rows / 1e6).toFixed(2)

function tell(samples: readonly Sample[], sealed: Sealed): void {
  const last = samples.at(-1)
  if (last === undefined) return
  const minute = samples.filter(({ seconds }) => seconds > last.seconds - 60)
  const most = Math.max(...minute.map(({ waiting }) => waiting))
  console.log(
    `${last.seconds} s: ${inMillions(last.sent)} M records sent, of this minute at most ${most} ` +
      `waiting, spool ${(last.octets / 1e6).toFixed(0)} MB; ` +
      `${sealed.hours} hours sealed, ${inMillions(sealed.rows)} M records`
  )
}

/**
 * Records at a rate through spool and COPY into PostgreSQL, with sealing on beside: an hour of the
 * records takes a minute, and is sealed when the next one is under way. Prints what waits in the
 * spool by the minute, and by how much it grows.
 */
export async function ingestWhileSealing(setup: IngestSetup): Promise<void> {
  const { dataDir, urls, minutes, rate } = setup
  const spool = join(dataDir, 'spool')
  mkdirSync(spool)
  const firstUs = hourOf(Date.now() * 1000) - (minutes + 2) * partitionUs
  const writer = new LedgerWriter(urls.collector, noNetworks)
  const source = await writer.registerSource('ingest', 'conntrack')
  const pump = new SpoolPump(
    {
      readCursor: () => writer.readCursor(source, 'ingest'),
      commit: async (commit) =>
        void (await writer.commit({ ...commit, source, spool: 'ingest', sources: [] })),
    },
    { directory: spool, maxBytes: 2 ** 40, keepMs, onError: (error) => console.error(error) }
  )
  const file = fileURLToPath(new URL('./archive-sender.ts', import.meta.url))
  const rest = [spool, rate, minutes * 60, firstUs, speed].map(String)
  const postmaster = postmasterOf(dataDir)
  const cpu = (): readonly number[] => [
    cpuSeconds(process.pid),
    serverCpu(postmaster) + endedCpuSeconds(postmaster),
  ]
  const sender = spawn(process.execPath, ['--import', 'tsx', file, ...rest], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const before = cpu()
  const running = pump.run()
  const sealing = makeSealing(setup, firstUs)
  const samples: Sample[] = []
  for await (const line of createInterface({ input: sender.stdout })) {
    if (line.startsWith('refused')) {
      console.log(`${line} by the spool`)
      continue
    }
    const sent = Number(line)
    const seconds = samples.length + 1
    samples.push({ seconds, sent, waiting: sent - pump.rows, octets: spoolSize(spool) })
    if (seconds % 60 === 0) tell(samples, sealing.sealed)
  }
  const used = cpu().map((one, index) => one - (before[index] ?? 0))
  pump.stop()
  await running
  await writer.close()
  await sealing.stop()
  report(samples, sealing.sealed, used)
}

function report(samples: readonly Sample[], sealed: Sealed, used: readonly number[]): void {
  const last = samples.at(-1)
  if (last === undefined) return
  const half = samples.slice(samples.length >> 1)
  const grows = slopePerHour(half.map(({ seconds, waiting }) => [seconds, waiting])) / 3600
  const [own = 0, server = 0] = used.map((one) => (one * 1e6) / last.sent)
  const [first, end] = [half[0]?.octets ?? 0, last.octets].map((octets) => octets / 1e6)
  console.log(
    `${last.sent} records in ${samples.length} s, ${Math.round(last.sent / samples.length)}/s; ` +
      `${last.waiting} waited at the end; over the second half what waits grew by ` +
      `${grows.toFixed(0)} records/s, and the spool went from ${first?.toFixed(0)} ` +
      `to ${end?.toFixed(0)} MB; ${sealed.hours} hours of ${sealed.rows} records sealed; ` +
      `us of CPU a record: ${own.toFixed(1)} of pump and sealing, ` +
      `${server.toFixed(1)} of PostgreSQL`
  )
  for (const failure of sealed.failed) console.log(`sealing failed: ${failure}`)
}
