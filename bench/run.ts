import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { judge, toRecord } from './suite/comparison.ts'
import type { Judged, Recorded } from './suite/comparison.ts'
import { measurements, whyNot } from './suite/measurements.ts'
import type { Measurement } from './suite/measurements.ts'
import { resultsPage, tableOf } from './suite/results-page.ts'
import type { Measured } from './suite/results-page.ts'
import { runMeasurement } from './suite/run-measurement.ts'
import type { Outcome } from './suite/run-measurement.ts'

/**
 * Every measurement beside its peers, one after the other.
 *
 * `npm run bench` takes 18 minutes at most and writes the table at the head of RESULTS.md.
 * `npm run bench -- --quick` takes two and a half at most and fails where an advantage in processor
 * time or octets is below half of what recorded.json has, twice; what cannot be measured is named.
 * `--record` puts into that file the least that it has seen. `--only FILE` (again and again) leaves
 * out all others. `--summary FILE` writes how many passed, and what failed, as JSON.
 */
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    summary: { type: 'string' },
  },
})

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))
const recordedFile = path('recorded.json')
const resultsFile = path('RESULTS.md')
const recorded = JSON.parse(readFileSync(recordedFile, 'utf8')) as Recorded
const say = (text: string): void => void process.stderr.write(`${text}\n`)

const secondsAtMost = values.quick ? 145 : 1100
/** Below that, none is begun. */
const worthSeconds = 5
const left = (): number => secondsAtMost - performance.now() / 1000

const argvOf = ({ file, quick = [], full }: Measurement): string[] => [
  `bench/${file}.ts`,
  ...(values.quick ? quick : full),
]

interface Result {
  readonly outcome: Outcome
  readonly judged: Judged
}

async function run(one: Measurement): Promise<Result> {
  say(`\n# npx tsx ${argvOf(one).join(' ')}`)
  const began = performance.now()
  const seconds = Math.min(left(), values.quick ? one.quickSeconds : one.fullSeconds)
  const outcome = await runMeasurement(argvOf(one), seconds)
  say(`${((performance.now() - began) / 1000).toFixed(0)} s`)
  const found = 'found' in outcome ? outcome.found : []
  return { outcome, judged: judge(found, recorded[one.file]) }
}

/** A short run beside other work may be off twofold: what is true is so twice. */
async function runTwice(one: Measurement): Promise<Result> {
  const first = await run(one)
  if (!values.quick || first.judged.behind.length === 0 || left() < one.quickSeconds) return first
  say('once more:')
  return run(one)
}

const measured: Measured[] = []
const absent: string[] = []
const failed: string[] = []
let passed = 0

async function take(one: Measurement): Promise<void> {
  if (values.quick && one.quick === undefined) return
  const without = whyNot(one) ?? (left() < worthSeconds ? 'no time is left' : undefined)
  if (without !== undefined) return void absent.push(`${one.file}: ${without}`)
  const { outcome, judged } = await runTwice(one)
  if ('failed' in outcome) return void absent.push(`${one.file}: ${outcome.failed}`)
  measured.push({ command: `npx tsx ${argvOf(one).join(' ')}`, found: outcome.found })
  if (values.record) {
    Object.assign(recorded, { [one.file]: toRecord(outcome.found, recorded[one.file]) })
  }
  if (!values.quick) return
  absent.push(...judged.missing)
  if (judged.behind.length > 0) failed.push(...judged.behind)
  else if (outcome.found.length > 0) passed++
}

for (const one of measurements) {
  if (process.exitCode !== undefined) break
  if (values.only?.includes(one.file) ?? true) await take(one)
}

console.log(tableOf(measured))
for (const line of absent) console.log(`not measured: ${line}`)
for (const line of failed) console.log(`FALLEN BEHIND: ${line}`)
if (values.record) writeFileSync(recordedFile, `${JSON.stringify(recorded, undefined, 2)}\n`)
if (!values.quick && values.only === undefined && process.exitCode === undefined) {
  writeFileSync(resultsFile, resultsPage(readFileSync(resultsFile, 'utf8'), measured, absent))
}
if (values.summary !== undefined) {
  writeFileSync(values.summary, JSON.stringify({ passed, failed }))
}
process.exitCode ??= failed.length === 0 ? 0 : 1
