import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { statusBytes } from './process.ts'
import { slopePerHour } from './slope.ts'
import { droppedBefore, makeWholePathLab } from './whole-path-lab.ts'
import { startOurs } from './whole-path-ours.ts'

/**
 * The whole path for a long time at a rate that it holds: what grows that should not, and whether
 * the API ever lets anybody wait: its event loop by its own metrics, and its answers. Slopes are of
 * least squares over the second half, when what is kept is filled.
 *
 * Needs what whole-path.ts needs. `npx tsx bench/soak.ts [--minutes 30] [--rate 10000]`
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    rate: { type: 'string', default: '10000' },
  },
})
const [minutes, rate] = [Number(values.minutes), Number(values.rate)]

/** One load, and so one sample (s). */
const loadSeconds = 20

/** An answer that took longer is late (ms). */
const lateMs = 100

/** Times of the API's event loop that are over 100 ms, so far. */
function stallsIn(metrics: ReadonlyMap<string, number>): number {
  const delay = 'flowledger_api_event_loop_delay_seconds'
  const within = metrics.get(`${delay}_bucket{le="0.1"}`) ?? NaN
  return (metrics.get(`${delay}_count`) ?? NaN) - within
}

/** What was lost or stayed without its name since the start, and what is behind, in seconds. */
function losses(metrics: ReadonlyMap<string, number>): Record<string, number> {
  const sum = (start: string): number =>
    [...metrics].reduce((all, [name, value]) => (name.startsWith(start) ? all + value : all), 0)
  return {
    overruns: sum('flowledger_conntrack_overruns_total'),
    packetsLost: sum('flowledger_capture_lost_total'),
    unjoined: sum('flowledger_verdicts_unjoined_total'),
    rowsLost: sum('flowledger_spool_lost_rows_total'),
    ledgerBehind: sum('flowledger_ledger_lag_seconds'),
    targetBehind: sum('flowledger_export_behind_seconds'),
  }
}

/** Writes the heap of the program's main thread to a file, every second. */
function heapWatch(file: string): string {
  const script = `
    import { writeFileSync } from 'node:fs'
    import { isMainThread } from 'node:worker_threads'
    const heap = () => String(process.memoryUsage().heapUsed)
    const write = () => writeFileSync(${JSON.stringify(file)}, heap())
    if (isMainThread) setInterval(write, 1000).unref()`
  return `data:text/javascript,${encodeURIComponent(script)}`
}

/** Asks the API again and again and writes how long each answer took (ms), for who runs it. */
const prober = (origin: string): string => `
  const times = [];
  const tell = () => { process.stdout.write(JSON.stringify(times)); process.exit() };
  process.stdin.on('end', tell).resume();
  for (;;) {
    const begun = performance.now();
    const answer = await fetch(${JSON.stringify(`${origin}/healthz`)});
    await answer.arrayBuffer();
    times.push(Math.round(performance.now() - begun));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }`

const octetsBelow = (folder: string): number =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).reduce((sum, name) => {
    const stat = statSync(join(folder, name), { throwIfNoEntry: false })
    return sum + (stat?.isFile() === true ? stat.size : 0)
  }, 0)

interface Sample {
  readonly seconds: number
  readonly heap: number
  readonly resident: number
  readonly descriptors: number
  readonly spool: number
}

const work = mkdtempSync(join(tmpdir(), 'flowledger-soak-'))
const heapFile = join(work, 'heap')
const lab = makeWholePathLab()
try {
  const ours = await startOurs(lab, ['--import', heapWatch(heapFile)])
  const argv = [process.execPath, '--input-type=module', '-e', prober(ours.origin)]
  const asking = lab.spawn(argv, { stdio: ['pipe', 'pipe', 'inherit'] })
  let told = ''
  asking.stdout?.setEncoding('utf8').on('data', (part: string) => (told += part))
  const asked = new Promise<void>((resolve) => {
    asking.once('close', () => resolve())
  })
  const begun = performance.now()
  const samples: Sample[] = []
  const tracked = lab.tracked()
  const dropped = droppedBefore(ours.pid)
  const stalled = stallsIn(ours.metrics())
  let first = 0
  do {
    await lab.load(rate, loadSeconds, first)
    first += Math.ceil((rate * loadSeconds) / 40 + 1) * 40
    const sample: Sample = {
      seconds: (performance.now() - begun) / 1000,
      heap: Number(readFileSync(heapFile, 'utf8')),
      resident: statusBytes(ours.pid, 'VmRSS'),
      descriptors: readdirSync(`/proc/${ours.pid}/fd`).length,
      spool: octetsBelow(join(dirname(ours.tokenFile), 'spool')),
    }
    samples.push(sample)
    process.stderr.write(`${JSON.stringify(sample)}\n`)
  } while (performance.now() - begun < minutes * 60_000)
  asking.stdin?.end()
  await asked
  const times = (JSON.parse(told) as number[]).toSorted((a, b) => a - b)
  const steady = samples.slice(samples.length >> 1)
  const slope = (of: 'heap' | 'resident' | 'descriptors' | 'spool'): number =>
    slopePerHour(steady.map((sample) => [sample.seconds, sample[of]]))
  console.log(
    JSON.stringify({
      minutes: Number(((performance.now() - begun) / 60_000).toFixed(1)),
      connections: lab.tracked() - tracked,
      droppedBefore: droppedBefore(ours.pid) - dropped,
      ...losses(ours.metrics()),
      heapMb: Math.round((steady.at(-1)?.heap ?? NaN) / 1e6),
      heapMbPerHour: Math.round(slope('heap') / 1e6),
      residentMb: Math.round((steady.at(-1)?.resident ?? NaN) / 1e6),
      residentMbPerHour: Math.round(slope('resident') / 1e6),
      descriptors: steady.at(-1)?.descriptors,
      descriptorsPerHour: Math.round(slope('descriptors')),
      spoolMbPerHour: Math.round(slope('spool') / 1e6),
      api: {
        asked: times.length,
        p99Ms: times[Math.floor(0.99 * (times.length - 1))],
        longestMs: times.at(-1),
        late: times.filter((ms) => ms > lateMs).length,
        stalls: stallsIn(ours.metrics()) - stalled,
      },
    })
  )
  await ours.stop()
} finally {
  lab.close()
  rmSync(work, { recursive: true, force: true })
}
