import { once } from 'node:events'
import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { quantile } from './process.ts'
import type { Contender, Counts } from './whole-path-contender.ts'
import { droppedBefore } from './whole-path-lab.ts'
import type { WholePathLab } from './whole-path-lab.ts'

/** How long what is behind is waited for: a rate is not held where rows come later than that. */
const behindSeconds = 10
/** And before the next load. */
const patienceSeconds = 20

export interface Load {
  readonly rate: number
  readonly seconds: number
  /** Number of its first connection. */
  readonly first: number
}

/** Waits until the table is empty and nothing more is written, for some seconds at most. */
async function settled(lab: WholePathLab, who: Contender, seconds: number): Promise<Counts> {
  let last = ''
  for (let waited = 0; ; waited++) {
    const left = lab.expire()
    await sleep(1000)
    const counts = await who.counts()
    const now = JSON.stringify(counts)
    if ((now === last && left === 0) || waited >= seconds) return counts
    last = now
  }
}

/** Probes for connections of a load in its course; gives the times when it is told to end. */
function startProber(lab: WholePathLab, who: Contender, { rate, first }: Load) {
  const file = fileURLToPath(new URL('./whole-path-prober.ts', import.meta.url))
  const argv = [process.execPath, '--import', 'tsx', file, String(rate), String(first)]
  const child = lab.spawn([...argv, ...who.prober], { stdio: ['pipe', 'pipe', 'inherit'] })
  const { stdin, stdout } = child
  if (stdin === null || stdout === null) throw new Error('The prober has no pipes.')
  let text = ''
  stdout.setEncoding('utf8').on('data', (part: string) => (text += part))
  return {
    begin: (ms: number) => void stdin.write(`${ms}\n`),
    async end(): Promise<(number | null)[]> {
      const closed = once(child, 'close')
      stdin.end()
      await closed
      if (child.exitCode !== 0) throw new Error('The prober failed.')
      return JSON.parse(text) as (number | null)[]
    },
  }
}

/** Seconds of processor time that all of the machine has spent on something. */
export const busySeconds = (): number =>
  cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0) / 1000

const usOf = (seconds: number, connections: number): number =>
  Number(((seconds * 1e6) / connections).toFixed(1))

/** One load, and all that can be said of it. */
export async function round(lab: WholePathLab, who: Contender, load: Load) {
  const before = await settled(lab, who, patienceSeconds)
  await who.begin()
  const [tracked, dropped, cpu] = [lab.tracked(), droppedBefore(who.pid), who.cpu()]
  const prober = startProber(lab, who, load)
  const [threads, busy] = [who.threads(), busySeconds()]
  const sent = await lab.load(load.rate, load.seconds, load.first, prober.begin)
  const busyUs = usOf(busySeconds() - busy, sent.connections)
  const residentMb = Math.round(who.residentBytes() / 1e6)
  const probed = prober.end()
  await settled(lab, who, behindSeconds)
  const used = who.cpu().map((now, i) => now - (cpu[i] ?? 0))
  await who.end()
  const [after, probes] = [await who.counts(), await probed]
  const offered = lab.tracked() - tracked
  const since = Object.fromEntries(
    Object.entries(after).map(([key, value]) => [key, value - (before[key] ?? 0)])
  ) as Counts
  const times = probes.filter((ms) => ms !== null).toSorted((a, b) => a - b)
  return {
    rate: sent.perSecond,
    offered,
    droppedBefore: droppedBefore(who.pid) - dropped,
    ...since,
    held: since.rows === offered && since.packetsLost === 0 && since.overruns === 0,
    /** Of what became a row: what was lost did not cost its share. */
    cpuUsPerRow: {
      programs: usOf(used[0] ?? NaN, since.rows),
      database: usOf(used[1] ?? NaN, since.rows),
    },
    /** Of the whole machine while it was offered: sender, kernel, the prober and neighbours too. */
    machineUsPerConnection: busyUs,
    percents: who
      .threads()
      .map((now, i) => Math.round((100 * (now - (threads[i] ?? 0))) / load.seconds)),
    residentMb,
    foundAfterMs: { p50: quantile(times, 0.5), p99: quantile(times, 0.99) },
    probes: { asked: probes.length, found: times.length },
  }
}

export type Round = Awaited<ReturnType<typeof round>>
