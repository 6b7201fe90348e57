/**
 * Events in the kernel -> rows in Postgres: ulogd2 (NFCT -> PGSQL, its own schema and procedure)
 * beside `flowledger collect`, each on an embedded PostgreSQL 18 with flowledger's settings.
 *
 * ```
 * npx tsx bench/ulogd2.ts [--rate 100000] [--seconds 15] [--rounds 3] [--only ulogd2]...
 * ```
 * Needs root, ulogd2 and ulogd2-pgsql. Each is offered more than it can write, so that events wait
 * all the time; what counts is how fast rows appear, during the blast (which takes most of a core)
 * or right after it, whichever is better. Prints JSON.
 */
import { once } from 'node:events'
import type { ChildProcess } from 'node:child_process'
import { chmodSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type pg from 'pg'
import { connect } from '../store/connect.ts'
import { embeddedUrl } from '../store/database-url.ts'
import { startEmbedded } from '../store/embedded.ts'
import type { EmbeddedServer } from '../store/embedded.ts'
import { cpuSeconds, eventSockets, median, postmasterOf, serverCpu } from './process.ts'
import { rowWriters } from './row-writers.ts'
import type { RowWriter } from './row-writers.ts'
import { makeSink } from './sink.ts'
import type { Sink } from './sink.ts'
import { tellFigure } from './suite/figure.ts'

interface Load {
  readonly rate: number
  readonly seconds: number
}

interface Round {
  readonly offered: number
  readonly rows: number
  readonly perSecondDuring: number
  readonly perSecondAfter: number
  /** Processor time of the program and of PostgreSQL. */
  readonly cpuUsPerRow: number
  readonly bytesPerRow: number
}

const afterSeconds = 5

async function number(client: pg.Client, sql: string, column: 'n' | 'bytes'): Promise<number> {
  const { rows } = await client.query<Record<string, string>>(sql)
  return Number(rows[0]?.[column])
}

/** Rows that appear in a second, over some time from now. */
async function growth(client: pg.Client, sql: string, seconds: number): Promise<number> {
  const [before, from] = [await number(client, sql, 'n'), performance.now()]
  await sleep(seconds * 1000)
  const [after, to] = [await number(client, sql, 'n'), performance.now()]
  return ((after - before) * 1000) / (to - from)
}

async function subscribed(sink: Sink, child: ChildProcess, log: () => string): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}:\n${log()}`)
    if (eventSockets(sink.namespace).length > 0) return
    await sleep(100)
  }
  throw new Error(`It did not subscribe to events:\n${log()}`)
}

async function measure(
  client: pg.Client,
  writer: RowWriter,
  sink: Sink,
  load: Load,
  cpu: () => number
): Promise<Round> {
  const cpuFrom = cpu()
  const blast = sink.blast(load)
  // Entries expire a second after their packet: by then ends arrive as fast as beginnings.
  await sleep(load.seconds * 400)
  const during = await growth(client, writer.countSql, load.seconds * 0.4)
  await blast
  const after = await growth(client, writer.countSql, afterSeconds)
  // Of all that was done: who takes up events faster than rows has paid for more than there are.
  const cpuSpent = cpu() - cpuFrom
  const written = await number(client, writer.countSql, 'n')
  await client.query(writer.vacuumSql)
  const rows = await number(client, writer.countSql, 'n')
  const bytesPerRow = (await number(client, writer.bytesSql, 'bytes')) / rows
  return {
    offered: sink.tracked(),
    rows,
    perSecondDuring: during,
    perSecondAfter: after,
    cpuUsPerRow: (cpuSpent * 1e6) / written,
    bytesPerRow,
  }
}

async function runWriter(
  server: EmbeddedServer,
  dataDir: string,
  writer: RowWriter,
  load: Load
): Promise<Round> {
  const sink = makeSink({ tableMax: 2 << 20, timeout: 1, accounting: true })
  const argv = await writer.prepare(server, dataDir)
  const logFile = join(dataDir, `${writer.name}.log`)
  const log = openSync(logFile, 'w')
  const child = sink.spawn(argv, { stdio: ['ignore', log, log] })
  const ended = once(child, 'exit')
  try {
    await subscribed(sink, child, () => readFileSync(logFile, 'utf8'))
    const client = await connect(embeddedUrl(server, 'owner', writer.database))
    try {
      const postmaster = postmasterOf(dataDir)
      const cpu = (): number => cpuSeconds(child.pid ?? 0) + serverCpu(postmaster)
      return await measure(client, writer, sink, load, cpu)
    } finally {
      await client.end()
    }
  } finally {
    child.kill('SIGKILL')
    await ended
    closeSync(log)
    sink.close()
  }
}

async function round(writer: RowWriter, load: Load): Promise<Round> {
  const folder = mkdtempSync(join(tmpdir(), 'flowledger-bench-'))
  // The server runs as a user of its own and has to pass through.
  chmodSync(folder, 0o711)
  const dataDir = join(folder, 'data')
  try {
    const server = await startEmbedded(dataDir)
    try {
      return await runWriter(server, dataDir, writer, load)
    } finally {
      await server.stop()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const bestOf = (rounds: readonly Round[]): number[] =>
  rounds.map((one) => Math.max(one.perSecondDuring, one.perSecondAfter))

function summary(rounds: readonly Round[]): Record<string, number> {
  const best = bestOf(rounds)
  return {
    rowsPerSecond: Math.round(median(best)),
    rowsPerSecondDuringBlast: Math.round(median(rounds.map((one) => one.perSecondDuring))),
    cpuUsPerRow: median(rounds.map((one) => one.cpuUsPerRow)),
    bytesPerRow: median(rounds.map((one) => one.bytesPerRow)),
  }
}

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '15' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', multiple: true },
  },
})
const load: Load = { rate: Number(values.rate), seconds: Number(values.seconds) }
const chosen = rowWriters.filter(({ name }) => values.only?.includes(name) ?? true)
const results = new Map(chosen.map(({ name }) => [name, [] as Round[]]))
for (let turn = 0; turn < Number(values.rounds); turn++) {
  for (const writer of chosen) {
    const result = await round(writer, load)
    process.stderr.write(`round ${turn + 1}: ${writer.name} ${JSON.stringify(result)}\n`)
    results.get(writer.name)?.push(result)
  }
}
const report = Object.fromEntries([...results].map(([name, rounds]) => [name, summary(rounds)]))
process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`)
const ours = results.get('flowledger') ?? []
for (const [peer, theirs] of results) {
  if (peer === 'flowledger' || ours.length === 0) continue
  const what = 'conntrack events to rows'
  const rows = { ours: bestOf(ours), peer, theirs: bestOf(theirs) }
  tellFigure({ what, unit: 'rows/s', better: 'more', ...rows })
  const of = (key: 'cpuUsPerRow' | 'bytesPerRow') => {
    const [own, other] = [ours, theirs].map((rounds) => rounds.map((one) => one[key]))
    return { better: 'less', ours: own ?? [], peer, theirs: other ?? [] } as const
  }
  tellFigure({ what, unit: 'us CPU a row, PostgreSQL included', ...of('cpuUsPerRow') })
  tellFigure({ what: 'a row with indexes', unit: 'octets', ...of('bytesPerRow') })
}
