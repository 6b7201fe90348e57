/**
 * Events in the kernel -> events on disk: flowledger's follower, which decodes them into its spool,
 * beside `conntrack -E` writing text to a file. Same machine, same blast, in turn.
 *
 * ```
 * npx tsx bench/conntrack-events.ts [--rate 100000] [--seconds 20] [--rounds 3] [--only NAME]...
 * ```
 * A blast of 5 s spends a tenth of its time in V8's compiler; one of 20 s a fortieth.
 * Needs root and conntrack. Prints JSON; offered = two events for each connection tracked.
 */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, createReadStream, mkdtempSync, openSync } from 'node:fs'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { cpuSeconds, eventSockets, median } from './process.ts'
import { makeSink } from './sink.ts'
import type { Sink } from './sink.ts'
import { tellFigure } from './suite/figure.ts'

const idleSeconds = 3

interface Contender {
  readonly name: string
  /** The command line; what it prints goes to `file`. */
  argv(folder: string): string[]
  /** Events seen, read from what it printed. */
  count(file: string): Promise<number>
  /** Receive buffer that its sockets start with, where the machine's default is not enough. */
  readonly receiveBuffer?: number
}

interface Round {
  readonly offered: number
  readonly rate: number
  readonly seen: number
  readonly lost: number
  readonly kernelDrops: number
  readonly cpuSeconds: number
  /** Including the time after the blast in which entries expire, a few at a time. */
  readonly cpuUsPerEvent: number
  readonly idleCpuPercent: number
}

async function countLines(file: string): Promise<number> {
  let events = 0
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (line.includes('[NEW]') || line.includes('[DESTROY]')) events++
  }
  return events
}

/** The last line of the follower's output is its tally. */
async function readTally(file: string): Promise<number> {
  let last = '{}'
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (line.startsWith('{')) last = line
  }
  const { news = 0, destroys = 0 } = JSON.parse(last) as { news?: number; destroys?: number }
  return news + destroys
}

const events = ['conntrack', '-E', '-e', 'NEW,DESTROY', '-o', 'timestamp']
const followOnly = fileURLToPath(new URL('./follow-only.ts', import.meta.url))
const receiveOnly = fileURLToPath(new URL('./receive-only.ts', import.meta.url))
const contenders: readonly Contender[] = [
  {
    name: 'flowledger',
    argv: (folder) => [process.execPath, '--import', 'tsx', followOnly, join(folder, 'data')],
    count: readTally,
  },
  {
    // The bound: what is left is receiving, and nothing is done with what came.
    name: 'receiving alone',
    argv: () => [process.execPath, '--import', 'tsx', receiveOnly, 'events'],
    count: readTally,
  },
  {
    // The bound of whoever keeps them: as many octets on disk as our spool takes.
    name: 'receiving and writing alone',
    argv: (folder) => {
      const program = ['--import', 'tsx', receiveOnly, 'events', join(folder, 'data')]
      return [process.execPath, ...program]
    },
    count: readTally,
  },
  { name: 'conntrack', argv: () => events, count: countLines },
  // Its -b sets the buffer of another socket than the one that gets the events (seen with
  // `ss -f netlink -m`, version 1.4.7), so the machine's default is raised while it starts.
  { name: 'conntrack, 64 MiB', argv: () => events, count: countLines, receiveBuffer: 64 << 20 },
]

const defaultBufferFile = '/proc/sys/net/core/rmem_default'

/** Does something with another default for receive buffers, and puts the old one back. */
async function withBuffer<T>(bytes: number | undefined, act: () => Promise<T>): Promise<T> {
  const before = readFileSync(defaultBufferFile, 'utf8')
  const restore = (): void => writeFileSync(defaultBufferFile, before)
  process.once('exit', restore)
  try {
    if (bytes !== undefined) writeFileSync(defaultBufferFile, String(bytes))
    return await act()
  } finally {
    restore()
    process.off('exit', restore)
  }
}

/** Waits for a condition that only the kernel or another process can bring about. */
async function until(what: string, condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 3000; tries++) {
    if (condition()) return
    await sleep(100)
  }
  throw new Error(`Waited five minutes for ${what}.`)
}

/** Ends what the kernel has not come by to end yet: a dump takes out what is past its time. */
async function emptied(sink: Sink): Promise<void> {
  for (let seconds = 0; seconds < waitSeconds && sink.entries() > 0; seconds++) await sleep(1000)
  await until('the table to run empty', () => {
    sink.tool(['sh', '-c', 'conntrack -L >/dev/null 2>&1'])
    return sink.entries() === 0
  })
}

/** Starts a contender and resolves when it is subscribed. */
function start(
  sink: Sink,
  contender: Contender,
  folder: string,
  out: number
): Promise<ChildProcess> {
  return withBuffer(contender.receiveBuffer, async () => {
    const child = sink.spawn(contender.argv(folder), { stdio: ['ignore', out, 'ignore'] })
    await until('the subscription', () => {
      if (child.exitCode !== null) throw new Error(`${contender.name} has ended.`)
      return eventSockets(sink.namespace).length > 0
    })
    return child
  })
}

async function round(sink: Sink, contender: Contender, options: Blast): Promise<Round> {
  const folder = mkdtempSync(join(tmpdir(), 'flowledger-bench-'))
  const file = join(folder, 'events')
  const out = openSync(file, 'w')
  const child = await start(sink, contender, folder, out)
  const ended = once(child, 'exit')
  const pid = child.pid ?? 0
  try {
    // Start-up is no part of what an event costs; waiting for events is told apart from it.
    await sleep(2000)
    const cpuIdle = cpuSeconds(pid)
    await sleep(idleSeconds * 1000)
    const idleCpuPercent = (100 * (cpuSeconds(pid) - cpuIdle)) / idleSeconds
    const [trackedBefore, cpuBefore] = [sink.tracked(), cpuSeconds(pid)]
    const { rate } = await sink.blast(options)
    await emptied(sink)
    await sleep(1000)
    const cpu = cpuSeconds(pid) - cpuBefore
    const kernelDrops = eventSockets(sink.namespace).reduce((sum, socket) => sum + socket.drops, 0)
    child.kill('SIGTERM')
    await ended
    const offered = 2 * (sink.tracked() - trackedBefore)
    const seen = await contender.count(file)
    const each = (cpu * 1e6) / seen
    const tally = { offered, rate, seen, lost: offered - seen, kernelDrops }
    return { ...tally, cpuSeconds: cpu, cpuUsPerEvent: each, idleCpuPercent }
  } finally {
    child.kill('SIGKILL')
    closeSync(out)
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Blast {
  readonly rate: number
  readonly seconds: number
}

function summary(rounds: readonly Round[]): Record<string, number> {
  const of = (key: keyof Round): number => median(rounds.map((one) => one[key]))
  return {
    offeredPerRound: of('offered'),
    connectionsPerSecond: of('rate'),
    lostMedian: of('lost'),
    lostMost: Math.max(...rounds.map(({ lost }) => lost)),
    lostPercent: (100 * of('lost')) / of('offered'),
    cpuUsPerEvent: of('cpuUsPerEvent'),
    idleCpuPercent: of('idleCpuPercent'),
  }
}

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '3' },
    wait: { type: 'string', default: '10' },
    only: { type: 'string', multiple: true },
  },
})
const waitSeconds = Number(values.wait)
const blast: Blast = { rate: Number(values.rate), seconds: Number(values.seconds) }
const chosen = contenders.filter(({ name }) => values.only?.includes(name) ?? true)
const results = new Map(chosen.map(({ name }) => [name, [] as Round[]]))
const sink = makeSink({ tableMax: 2 << 20, timeout: 1, accounting: true })
try {
  for (let number = 0; number < Number(values.rounds); number++) {
    for (const contender of chosen) {
      const result = await round(sink, contender, blast)
      process.stderr.write(`round ${number + 1}: ${contender.name} ${JSON.stringify(result)}\n`)
      results.get(contender.name)?.push(result)
    }
  }
} finally {
  sink.close()
}
const report = Object.fromEntries([...results].map(([name, rounds]) => [name, summary(rounds)]))
process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`)
const cpuOf = (name: string): number[] => (results.get(name) ?? []).map((one) => one.cpuUsPerEvent)
for (const { name } of chosen.filter((one) => one.name !== 'flowledger')) {
  const [ours, theirs] = [cpuOf('flowledger'), cpuOf(name)]
  const peer = name.replace('conntrack', 'conntrack -E')
  const what = 'conntrack events to disk'
  tellFigure({ what, unit: 'us CPU an event', better: 'less', ours, peer, theirs })
}
