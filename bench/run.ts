import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { compare, fallenBehind, nameOf } from './suite/comparison.ts'
import type { Comparison, Recorded } from './suite/comparison.ts'
import { figuresIn } from './suite/figure.ts'
import { measurements, whyNot } from './suite/measurements.ts'
import type { Measurement } from './suite/measurements.ts'
import { resultsPage, tableOf } from './suite/results-page.ts'
import type { Measured } from './suite/results-page.ts'

/**
 * Every measurement beside its peers, one after the other.
 *
 * `npm run bench` takes its time and writes the table at the head of RESULTS.md. `npm run bench --
 * --quick` takes three minutes and fails where an advantage is below half of what recorded.json
 * has; `--record` writes that file anew. `--only FILE` (again and again) leaves out all others.
 */
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
  },
})

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))
const recordedFile = path('recorded.json')
const resultsFile = path('RESULTS.md')
const recorded = JSON.parse(readFileSync(recordedFile, 'utf8')) as Recorded
const say = (text: string): void => void process.stderr.write(`${text}\n`)

const argvOf = ({ file, quick, full }: Measurement): string[] => [
  `bench/${file}.ts`,
  ...(values.quick ? quick : full),
]

/** Runs a measurement; its figures, or undefined where it failed. */
async function run(one: Measurement): Promise<Comparison[] | undefined> {
  const argv = ['--import', 'tsx', ...argvOf(one)]
  const child = spawn(process.execPath, argv, {
    cwd: path('..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => (stdout += part))
  await once(child, 'close')
  if (child.exitCode === 0) return figuresIn(stdout).map(compare)
  say(`${one.file} failed`)
  return undefined
}

const behind = ({ file }: Measurement, found: Comparison[] | undefined): string[] =>
  found === undefined ? [`${file}: failed`] : fallenBehind(file, found, recorded)

const measured: Measured[] = []
const absent: string[] = []
const complaints: string[] = []

for (const one of measurements) {
  if (values.only !== undefined && !values.only.includes(one.file)) continue
  const missing = whyNot(one)
  if (missing !== undefined) {
    absent.push(`${one.file}: ${missing}`)
    continue
  }
  say(`\n# npx tsx ${argvOf(one).join(' ')}`)
  let found = await run(one)
  if (values.quick && behind(one, found).length > 0) {
    // A short run beside other work may be off twofold: what is true is so twice.
    say('once more:')
    found = await run(one)
  }
  measured.push({ command: `npx tsx ${argvOf(one).join(' ')}`, found: found ?? [] })
  if (values.quick || found === undefined) complaints.push(...behind(one, found))
  if (values.record && found !== undefined) {
    const advantages = found.map((figure) => [nameOf(figure), Number(figure.advantage.toFixed(2))])
    Object.assign(recorded, { [one.file]: Object.fromEntries(advantages) as unknown })
  }
}

console.log(tableOf(measured))
for (const line of absent) console.log(`not measured: ${line}`)
for (const line of complaints) console.log(`FALLEN BEHIND: ${line}`)
if (values.record) writeFileSync(recordedFile, `${JSON.stringify(recorded, undefined, 2)}\n`)
if (!values.quick && values.only === undefined) {
  writeFileSync(resultsFile, resultsPage(readFileSync(resultsFile, 'utf8'), measured, absent))
}
process.exitCode = complaints.length === 0 ? 0 : 1
