/**
 * Memory of the follower by the number of open flows that it tracks: what stands resident, and how
 * much each flow adds.
 *
 * ```
 * npx tsx bench/memory.ts [--rate 50000] [--steps 0,250000,500000,1000000]
 * ```
 * Needs root. Prints JSON.
 */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { eventSockets, statusBytes } from './process.ts'
import { makeSink } from './sink.ts'

interface Step {
  readonly openFlows: number
  readonly residentBytes: number
  /** The most that ever stood resident up to here. */
  readonly peakBytes: number
}

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '50000' },
    steps: { type: 'string', default: '0,250000,500000,1000000' },
  },
})
const followOnly = fileURLToPath(new URL('./follow-only.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'flowledger-bench-'))
// Longer than the measurement: no entry may expire.
const sink = makeSink({ tableMax: 2 << 20, timeout: 3600, accounting: true })
const child = sink.spawn([process.execPath, '--import', 'tsx', followOnly, folder], {
  stdio: ['ignore', 'ignore', 'inherit'],
})
const steps: Step[] = []
try {
  const pid = child.pid ?? 0
  while (eventSockets(sink.namespace).length === 0) {
    if (child.exitCode !== null) throw new Error('The follower has ended.')
    await sleep(100)
  }
  await sleep(2000)
  let open = 0
  for (const target of values.steps.split(',').map(Number)) {
    const rate = Number(values.rate)
    if (target > open) await sink.blast({ rate, seconds: (target - open) / rate, first: open })
    open = target
    await sleep(3000)
    const [resident, peak] = [statusBytes(pid, 'VmRSS'), statusBytes(pid, 'VmHWM')]
    steps.push({ openFlows: sink.entries(), residentBytes: resident, peakBytes: peak })
    process.stderr.write(`${JSON.stringify(steps.at(-1))}\n`)
  }
} finally {
  child.kill('SIGKILL')
  await once(child, 'exit')
  sink.close()
  rmSync(folder, { recursive: true, force: true })
}
const [first, last] = [steps[0], steps.at(-1)]
const added = (last?.openFlows ?? 0) - (first?.openFlows ?? 0)
const bytesPerFlow = ((last?.residentBytes ?? 0) - (first?.residentBytes ?? 0)) / added
process.stdout.write(`${JSON.stringify({ steps, bytesPerFlow }, undefined, 2)}\n`)
