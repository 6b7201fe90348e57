import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { droppedBefore, makeWholePathLab } from './whole-path-lab.ts'
import type { WholePathLab } from './whole-path-lab.ts'
import { startOurs } from './whole-path-ours.ts'
import type { Ours } from './whole-path-ours.ts'

/**
 * The whole path at once: connections (half TLS, a fifth each QUIC and DNS, a tenth HTTP) through a
 * gateway that translates, where `flowledger up` follows, classifies, exports IPFIX, fills a set by
 * policy and writes the ledger. A rate is held where each connection that the kernel took up is a
 * row, was sent as a record, and each first packet came.
 *
 * Needs root, nft, curl and `npm run build`; the sender and the forwarding kernel have one of two
 * processors. `npx tsx bench/whole-path.ts [--rates 5000,10000] [--seconds 10]`
 */
const { values } = parseArgs({
  options: {
    rates: { type: 'string', default: '5000,10000,15000,20000,25000' },
    seconds: { type: 'string', default: '10' },
  },
})
const seconds = Number(values.seconds)

/** Counters of a round, by what they are here. */
const counted = {
  rows: 'flowledger_ledger_rows_total',
  records: 'flowledger_export_records_total{target="bench"}',
  joined: 'flowledger_verdicts_joined_total',
  noEntry: 'flowledger_verdicts_unjoined_total{reason="no-entry"}',
  ended: 'flowledger_verdicts_unjoined_total{reason="ended"}',
  ambiguous: 'flowledger_verdicts_unjoined_total{reason="ambiguous"}',
  tooMany: 'flowledger_verdicts_unjoined_total{reason="too-many"}',
  packets: 'flowledger_capture_packets_total',
  packetsLost: 'flowledger_capture_lost_total',
  overruns: 'flowledger_conntrack_overruns_total',
  refused: 'flowledger_spool_lost_rows_total',
} as const

type Counts = Record<keyof typeof counted, number>

function countsOf(metrics: Map<string, number>): Counts {
  const pairs = Object.entries(counted).map(([key, name]) => [key, metrics.get(name) ?? NaN])
  return Object.fromEntries(pairs) as Counts
}

/** Waits until the table is empty and nothing more is written. */
async function settled(lab: WholePathLab, ours: Ours): Promise<Counts> {
  let last = ''
  for (;;) {
    const left = lab.expire()
    await sleep(1000)
    const counts = countsOf(ours.metrics())
    const now = JSON.stringify(counts)
    if (now === last && left === 0) return counts
    last = now
  }
}

/** Probes for connections of a load in its course; gives the times when it is told to end. */
function startProber(lab: WholePathLab, ours: Ours, rate: number, first: number) {
  const file = fileURLToPath(new URL('./whole-path-prober.ts', import.meta.url))
  const argv = [process.execPath, '--import', 'tsx', file, ours.origin, ours.tokenFile]
  const child = lab.spawn([...argv, String(rate), String(first)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const { stdin, stdout } = child
  if (stdin === null || stdout === null) throw new Error('The prober has no pipes.')
  return {
    begin: (ms: number) => void stdin.write(`${ms}\n`),
    async end(): Promise<(number | null)[]> {
      let text = ''
      stdout.setEncoding('utf8').on('data', (part: string) => (text += part))
      stdin.end()
      await once(child, 'close')
      if (child.exitCode !== 0) throw new Error('The prober failed.')
      return JSON.parse(text) as (number | null)[]
    },
  }
}

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.floor(share * (sorted.length - 1))] ?? NaN

async function round(lab: WholePathLab, ours: Ours, rate: number, first: number) {
  const before = await settled(lab, ours)
  const [tracked, dropped, cpu] = [lab.tracked(), droppedBefore(ours.pid), ours.cpu()]
  const prober = startProber(lab, ours, rate, first)
  const threads = ours.threads()
  const sent = await lab.load(rate, seconds, first, prober.begin)
  const [after, probes] = await Promise.all([settled(lab, ours), prober.end()])
  const used = ours.cpu().map((now, i) => now - (cpu[i] ?? 0))
  const offered = lab.tracked() - tracked
  const since = Object.fromEntries(
    Object.entries(after).map(([key, value]) => [key, value - before[key as keyof Counts]])
  ) as Counts
  const times = probes.filter((ms) => ms !== null).toSorted((a, b) => a - b)
  const each = used.map((total) => Number(((total * 1e6) / offered).toFixed(1)))
  return {
    rate: sent.perSecond,
    offered,
    droppedBefore: droppedBefore(ours.pid) - dropped,
    ...since,
    held: since.rows === offered && since.packetsLost === 0 && since.overruns === 0,
    cpuUsPerConnection: { program: each[0], database: each[1] },
    threadsPercent: ours
      .threads()
      .map((now, i) => Math.round((100 * (now - (threads[i] ?? 0))) / seconds)),
    residentMb: Math.round(ours.residentBytes() / 1e6),
    foundAfterMs: { p50: quantile(times, 0.5), p99: quantile(times, 0.99) },
    probes: { asked: probes.length, found: times.length },
  }
}

const lab = makeWholePathLab()
try {
  const ours = await startOurs(lab)
  let first = 0
  const load = async (rate: number) => {
    const result = await round(lab, ours, rate, first)
    first += Math.ceil((rate * seconds) / 40 + 1) * 40
    return result
  }
  // V8 compiles what it finds to be hot: that is no part of a rate that lasts.
  process.stderr.write(`warm-up: ${JSON.stringify(await load(5000))}\n`)
  for (const rate of values.rates.split(',').map(Number)) {
    console.log(JSON.stringify(await load(rate)))
  }
  await ours.stop()
} finally {
  lab.close()
}
