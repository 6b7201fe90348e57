import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { fileURLToPath } from 'node:url'
import { writeBigCapture } from './big-capture.ts'
import { cpuSeconds, median, statusBytes } from './process.ts'
import { tellFigure } from './suite/figure.ts'

/**
 * Packets a second from a capture file to named flows, one core, beside ndpiReader on the same file
 * and in turn: with a line of JSON for each flow, and with none written, as ndpiReader writes none.
 * The bound is what the same runtime takes to read the file, to walk each packet to its transport
 * and to find its flow, with nothing classified. Needs the corpus of captures beside the checkout,
 * and `npm run build`.
 *
 * npx tsx bench/classify.ts [--copies 20] [--rounds 3]
 */
const { values } = parseArgs({
  options: {
    copies: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '3' },
    folder: { type: 'string' },
  },
})
const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))
const program = path('../dist/cli/main.js')
const folder = values.folder ?? path('../../shared/corpora/dpi/captures')

/** The same as the command, but that nothing is said of the flows. */
const silently = `
  const { compileLate } = await import('${path('../dist/model/inlining.js')}')
  compileLate()
  const { classifyFile } = await import('${path('../dist/appliance/capture/classify-file.js')}')
  const { catalogue } = await import('${path('../dist/classifier/applications/load.js')}')
  const rules = await import('${path('../dist/classifier/applications/rule-keeper.js')}')
  classifyFile(process.argv[1], () => {}, new rules.RuleKeeper([catalogue]))`

/** The bound: each packet of the file, and the flow that it belongs to. */
const walking = `
  const { compileLate } = await import('${path('../dist/model/inlining.js')}')
  compileLate()
  const { readCaptureFile } = await import('${path('../dist/collector/capture/pcap-file.js')}')
  const { PacketDecoder } = await import('${path('../dist/collector/capture/decoder.js')}')
  const { FlowTable } = await import('${path('../dist/classifier/flow-table.js')}')
  const table = new FlowTable(() => {}, 1 << 20)
  const decoder = new PacketDecoder((packet) => table.flowOf(packet))
  readCaptureFile(process.argv[1], (frame) => decoder.decode(frame))
  decoder.flush()`

interface Run {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly residentMb: number
}

/** Runs a program to its end on the last core; its processor time and memory as last seen. */
async function run(argv: readonly string[]): Promise<Run> {
  const core = String(cpus().length - 1)
  const from = performance.now()
  const child = spawn('taskset', ['-c', core, ...argv], { stdio: ['ignore', 'ignore', 'ignore'] })
  const ended = once(child, 'exit')
  let [cpu, resident] = [0, 0]
  while (child.exitCode === null) {
    try {
      cpu = cpuSeconds(child.pid ?? 0)
      resident = Math.max(resident, statusBytes(child.pid ?? 0, 'VmHWM'))
    } catch {
      // It has ended meanwhile.
    }
    await sleep(20)
  }
  await ended
  if (child.exitCode !== 0) throw new Error(`${argv.join(' ')} ended with ${child.exitCode}`)
  const seconds = (performance.now() - from) / 1000
  return { seconds, cpuSeconds: cpu, residentMb: Math.round(resident / 1e6) }
}

function summary(runs: readonly Run[], packets: number, flows: number, base: Run): object {
  const cpu = median(runs.map((item) => item.cpuSeconds))
  const seconds = median(runs.map((item) => item.seconds))
  const resident = median(runs.map(({ residentMb }) => residentMb))
  return {
    runs,
    packets_per_cpu_second: Math.round(packets / cpu),
    packets_per_second: Math.round(packets / seconds),
    bytes_a_flow: Math.round(((resident - base.residentMb) * 1e6) / flows),
  }
}

if (!existsSync(program)) throw new Error('npm run build first')
const work = await mkdtemp(join(tmpdir(), 'flowledger-bench-'))
try {
  const file = join(work, 'big.pcap')
  const small = join(work, 'small.pcap')
  const { packets, octets } = writeBigCapture(folder, file, Number(values.copies))
  writeBigCapture(folder, small, 0)
  process.stderr.write(`${packets} packets, ${octets} octets\n`)
  const ours = [process.execPath, path('../bin/flowledger.js'), 'classify', '-o', 'ndjson']
  const theirs = ['ndpiReader', '-v', '0', '-i']
  const counted = spawnSync(ours[0] ?? '', [...ours.slice(1), file], { maxBuffer: 1 << 30 })
  const flows = Number(/(\d+) flows/.exec(counted.stderr.toString())?.[1])
  const inline = (text: string) => [process.execPath, '--input-type=module', '-e', text]
  const argvs = { theirs, ours, silent: inline(silently), walking: inline(walking) }
  const base = {
    theirs: await run([...theirs, small]),
    ours: await run([...ours, small]),
    silent: await run([...argvs.silent, small]),
    walking: await run([...argvs.walking, small]),
  }
  const runs: Record<keyof typeof base, Run[]> = { theirs: [], ours: [], silent: [], walking: [] }
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const name of ['theirs', 'ours', 'silent', 'walking'] as const) {
      runs[name].push(await run([...argvs[name], file]))
      process.stderr.write(`${name} ${JSON.stringify(runs[name].at(-1))}\n`)
    }
  }
  const result = {
    packets,
    flows,
    flowledger: summary(runs.ours, packets, flows, base.ours),
    without_lines: summary(runs.silent, packets, flows, base.silent),
    walking_alone: summary(runs.walking, packets, flows, base.walking),
    ndpi_reader: summary(runs.theirs, packets, flows, base.theirs),
  }
  console.log(JSON.stringify(result))
  const speeds = (list: readonly Run[]): number[] => list.map((item) => packets / item.cpuSeconds)
  const unit = { unit: 'packets a CPU second', better: 'more' } as const
  const named = { what: 'a capture to named flows', ...unit, ours: speeds(runs.ours) }
  const walked = { what: 'a capture walked, nothing named', ...unit, ours: speeds(runs.walking) }
  const beside = { peer: 'ndpiReader', theirs: speeds(runs.theirs) }
  tellFigure({ ...named, ...beside })
  tellFigure({ ...walked, ...beside })
} finally {
  await rm(work, { recursive: true })
}
