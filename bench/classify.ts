import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { fileURLToPath } from 'node:url'
import { bundleName } from '../cli/quick-start.ts'
import { writeBundle } from '../scripts/bundle.ts'
import { writeBigCapture } from './big-capture.ts'
import { endedCpuSeconds, median, statusBytes } from './process.ts'
import { tellFigure } from './suite/figure.ts'

/**
 * Packets a second from a capture file to named flows, one core, beside ndpiReader on the same file
 * and in turn: each with a line for each flow (JSON here, CSV there) and with none. Each copy of
 * the corpus has addresses and times of its own, so that its flows are its own for both programs.
 * The bound is what the same runtime takes to read the file, to walk each packet to its transport
 * and to find its flow, with nothing classified. Needs the corpus of captures beside the checkout,
 * and `npm run build`.
 *
 * npx tsx bench/classify.ts [--copies 20,80] [--rounds 3]
 */
const { values } = parseArgs({
  options: {
    copies: { type: 'string', default: '20,80' },
    rounds: { type: 'string', default: '3' },
    folder: { type: 'string' },
  },
})
const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))
const folder = values.folder ?? path('../../shared/corpora/dpi/captures')
const counts = values.copies.split(',').map(Number)
const rounds = Number(values.rounds)

interface Run {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly residentMb: number
}

/** Runs a program to its end on the last core; its processor time, and its memory as last seen. */
async function run(argv: readonly string[]): Promise<Run> {
  const core = String(cpus().length - 1)
  const [from, before] = [performance.now(), endedCpuSeconds(process.pid)]
  const child = spawn('taskset', ['-c', core, ...argv], { stdio: ['ignore', 'ignore', 'ignore'] })
  const ended = once(child, 'exit')
  let resident = 0
  while (child.exitCode === null) {
    try {
      resident = Math.max(resident, statusBytes(child.pid ?? 0, 'VmHWM'))
    } catch {
      // It has ended meanwhile.
    }
    await Promise.race([ended, sleep(20)])
  }
  if (child.exitCode !== 0) throw new Error(`${argv.join(' ')} ended with ${child.exitCode}`)
  const seconds = (performance.now() - from) / 1000
  // Of who has ended, so that the last moments count too.
  const cpuSeconds = endedCpuSeconds(process.pid) - before
  return { seconds, cpuSeconds, residentMb: Math.round(resident / 1e6) }
}

/** The command line of a module of this folder, which starts from one file as `classify` does. */
async function startOf(work: string, module: string): Promise<string[]> {
  const [home, bundle] = [join(work, module), join(work, module, 'dist/bundle')]
  await mkdir(bundle, { recursive: true })
  // Rules and packages are looked for from there.
  for (const name of ['classifier', 'node_modules']) {
    await symlink(path(`../${name}`), join(home, name))
  }
  await writeBundle(bundle, path(`./${module}.ts`))
  const text = `const { quickStart } = await import('${path('../dist/cli/quick-start.js')}')
    await quickStart('${join(bundle, bundleName)}')`
  return [process.execPath, '--input-type=module', '-e', text]
}

/** What is compared, each as its command line without the file. */
async function contendersIn(work: string) {
  return {
    ndpi_reader: ['ndpiReader', '-v', '0', '-i'],
    ndpi_reader_lines: ['ndpiReader', '-v', '0', '-C', '/dev/null', '-i'],
    flowledger_lines: [process.execPath, path('../bin/flowledger.js'), 'classify', '-o', 'ndjson'],
    flowledger: await startOf(work, 'classify-silent'),
    walking_alone: await startOf(work, 'classify-walked'),
  }
}

type Contenders = Awaited<ReturnType<typeof contendersIn>>
type Name = keyof Contenders

/** Runs all of them in turn over a file, as often as there are rounds. */
async function measure(contenders: Contenders, file: string, times: number) {
  const names = Object.keys(contenders) as Name[]
  const runs = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Run[]>
  for (let round = 0; round < times; round++) {
    for (const name of names) runs[name].push(await run([...contenders[name], file]))
    const last = names.map((name) => `${name} ${runs[name].at(-1)?.cpuSeconds.toFixed(2)}`)
    process.stderr.write(`${last.join(', ')} s of CPU\n`)
  }
  return runs
}

function summary(runs: readonly Run[], packets: number, flows: number, base: Run | undefined) {
  const cpu = median(runs.map((item) => item.cpuSeconds))
  const resident = median(runs.map(({ residentMb }) => residentMb)) - (base?.residentMb ?? 0)
  return {
    cpu_seconds: runs.map((item) => Number(item.cpuSeconds.toFixed(2))),
    packets_per_cpu_second: Math.round(packets / cpu),
    packets_per_second: Math.round(packets / median(runs.map((item) => item.seconds))),
    bytes_a_flow: Math.round((resident * 1e6) / flows),
  }
}

if (!existsSync(path('../dist/cli/main.js'))) throw new Error('npm run build first')
const work = await mkdtemp(join(tmpdir(), 'flowledger-bench-'))
try {
  const contenders = await contendersIn(work)
  const names = Object.keys(contenders) as Name[]
  const file = join(work, 'copies.pcap')
  writeBigCapture(folder, file, 0)
  const base = await measure(contenders, file, 1)
  for (const copies of counts) {
    const { packets, octets } = writeBigCapture(folder, file, copies)
    process.stderr.write(`${copies} copies, ${packets} packets, ${octets} octets\n`)
    const [node = '', ...argv] = contenders.flowledger_lines
    const counted = spawnSync(node, [...argv, file], { stdio: ['ignore', 'ignore', 'pipe'] })
    const flows = Number(/(\d+) flows/.exec(counted.stderr.toString())?.[1])
    const runs = await measure(contenders, file, rounds)
    const found = names.map((name) => [name, summary(runs[name], packets, flows, base[name][0])])
    console.log(JSON.stringify({ copies, packets, flows, ...Object.fromEntries(found) }))
    const speeds = (name: Name): number[] => runs[name].map((item) => packets / item.cpuSeconds)
    const beside = { peer: 'ndpiReader', theirs: speeds('ndpi_reader') }
    const unit = { unit: 'packets a CPU second', better: 'more' } as const
    const length = counts.length === 1 ? '' : `, corpus ${copies} times`
    const named = { what: `a capture to named flows${length}`, ours: speeds('flowledger_lines') }
    const walked = `a capture walked, nothing named${length}`
    tellFigure({ ...named, ...unit, ...beside })
    tellFigure({ what: walked, ours: speeds('walking_alone'), ...unit, ...beside })
  }
} finally {
  await rm(work, { recursive: true })
}
