/**
 * Gives decoders whatever may come: `npx tsx scripts/fuzz.ts [TARGET...] [--minutes N] [--runs N]
 * [--variants N] [--seed N] [--path P] [--campaign FOLDER] [--list] [--table]`. TARGET is a target
 * or a group of them; without it all take turns until each has had its runs, or the time is over.
 * An input that was made with an eye for its form is followed by so many cheap variants (a burst).
 * What breaks a target is shrunk, told with how to come by it again, and kept in
 * `test/fuzz/finds/TARGET`; the others go on. With a folder the runs of a seed add up over pieces.
 */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { Campaign } from '../test/fuzz/engine/campaign.ts'
import { findsOf, keepFind } from '../test/fuzz/engine/finds.ts'
import { noOutcome, runTarget } from '../test/fuzz/engine/run-target.ts'
import type { Outcome } from '../test/fuzz/engine/run-target.ts'
import type { AnyTarget, Target } from '../test/fuzz/engine/target.ts'
import { Watchdog } from '../test/fuzz/engine/watchdog.ts'
import { targetsNamed } from '../test/fuzz/targets.ts'

// The reader of YAML asks for a variable at each of its tokens, and to ask the true one is slow.
process.env = { ...process.env }

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string' },
    runs: { type: 'string' },
    variants: { type: 'string', default: '50' },
    seed: { type: 'string' },
    path: { type: 'string' },
    campaign: { type: 'string' },
    list: { type: 'boolean', default: false },
    table: { type: 'boolean', default: false },
  },
})
const runs = values.runs === undefined ? Infinity : Number(values.runs)
const minutes =
  values.minutes === undefined ? (runs === Infinity ? 1 : Infinity) : Number(values.minutes)
const variants = Number(values.variants)
/** Pieces of a campaign go on with one seed. */
const anySeed = values.campaign === undefined ? randomInt(2 ** 31) : 1
const firstSeed = values.seed === undefined ? anySeed : Number(values.seed)
const chosen = targetsNamed(positionals)
/** Resolves once all of it is written: the process ends before a pipe has taken what waits. */
async function print(lines: readonly string[]): Promise<void> {
  await new Promise((resolve) => process.stdout.write(`${lines.join('\n')}\n`, resolve))
}

if (chosen.length === 0 || Number.isNaN(runs + minutes + firstSeed + variants)) {
  process.stderr.write('There is no such target or number; --list names the targets.\n')
  process.exit(2)
}
if (values.list) {
  await print(chosen.map(({ name, decoders }) => `${name}  ${decoders.join(' ')}`))
  process.exit(0)
}

const begun = performance.now()
const endsAt = begun + minutes * 60_000
const campaign =
  values.campaign === undefined
    ? undefined
    : new Campaign(values.campaign, { seed: firstSeed, variants })
const outcomes = new Map(
  chosen.map((target) => [target, campaign?.outcomeOf(target) ?? noOutcome()])
)
/** Inputs of earlier pieces. */
const earlier = inputsSoFar()
const watchdog = new Watchdog(60_000)
/** How long a target has its turn; short where there is little time for many. */
const turnMs = Math.max(20, Math.min(3000, (endsAt - begun) / chosen.length / 2))

/** Of how many targets a group is: the many of one have shorter turns, and more time in all. */
const sizes = new Map<string, number>()
for (const { group } of chosen) sizes.set(group, (sizes.get(group) ?? 0) + 1)
const turnOf = ({ group }: AnyTarget): number => turnMs / Math.sqrt(sizes.get(group) ?? 1)

/** Inputs that broke it once, each on its own. */
async function runFinds(target: AnyTarget): Promise<void> {
  const { run, read } = target as unknown as Target<unknown>
  for (const { name, text } of findsOf(target)) {
    try {
      await run(read(text))
    } catch (error) {
      fail(target, `the find ${name}`, error)
    }
  }
}

let failures = 0
function fail(target: AnyTarget, what: string, error: unknown): void {
  failures++
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(`\nFAILED ${target.name}: ${what}\n${text}\n`)
}

/** Lets a target have its turn; false where it is done. */
async function turn(target: AnyTarget, outcome: Outcome, until: number): Promise<boolean> {
  let size = 1
  while (performance.now() < until) {
    const left = Math.ceil((runs - outcome.inputs) / (1 + variants))
    if (left <= 0) return false
    const { path } = values
    const seed = path === undefined ? (firstSeed + outcome.inputs) | 0 : firstSeed
    const bursts = path === undefined ? Math.min(size, left) : 1
    const again = `${target.name} --variants ${variants} --seed ${seed} --runs 1`
    watchdog.enter(again)
    const before = performance.now()
    await runTarget(target, { seed, bursts, variants, path }, outcome, watchdog)
    if (outcome.failure !== undefined) {
      const { input, error } = outcome.failure
      const kept = keepFind(target, input)
      const command = `npx tsx scripts/fuzz.ts ${again} --path ${outcome.failure.path}`
      fail(target, `${kept}\nagain: ${command}`, error)
      return false
    }
    const ms = performance.now() - before
    size = Math.max(1, Math.min(10_000, Math.round((size * 250) / Math.max(1, ms))))
  }
  return true
}

function inputsSoFar(): number {
  return [...outcomes.values()].reduce((sum, { inputs }) => sum + inputs, 0)
}

function showProgress(isLast = false): void {
  const all = inputsSoFar()
  const seconds = (performance.now() - begun) / 1000
  const rate = Math.round((all - earlier) / seconds)
  const left =
    endsAt === Infinity
      ? ''
      : `, ${Math.max(0, Math.round((endsAt - performance.now()) / 1000))} s left`
  const memory = Math.round(process.memoryUsage().rss / 2 ** 20)
  const line = `${all} inputs, ${rate}/s, ${failures} failed, ${memory} MiB${left}`
  if (process.stderr.isTTY && !isLast) process.stderr.write(`\r${line} \x1b[K`)
  else process.stderr.write(`${line}\n`)
}

function table(): readonly string[] {
  const rows = [...outcomes].map(([{ name }, { inputs, cpuMs, slowestMs, failure }]) => {
    const us = inputs === 0 ? 0 : ((cpuMs / inputs) * 1000).toFixed(1)
    const cells = [name, inputs, us, `${slowestMs.toFixed(1)} ms`, failure === undefined ? 0 : 1]
    return `| ${cells.join(' | ')} |`
  })
  return [
    '| Target | Inputs | µs of the processor each | Slowest | Failed |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...rows,
  ]
}

process.stderr.write(`seed ${firstSeed}, ${chosen.length} targets\n`)
for (const target of chosen) await runFinds(target)
const ticker = setInterval(showProgress, process.stderr.isTTY ? 1000 : 60_000)
const going = new Set(chosen)
process.once('SIGINT', () => going.clear())
while (going.size > 0 && performance.now() < endsAt) {
  for (const target of going) {
    const until = Math.min(endsAt, performance.now() + turnOf(target))
    const outcome = outcomes.get(target) ?? noOutcome()
    if (!(await turn(target, outcome, until))) going.delete(target)
    campaign?.keep(target, outcome)
    if (performance.now() >= endsAt) break
    // Turns of what is synchronous would never let the clock of the progress tick.
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
}
clearInterval(ticker)
showProgress(true)
if (values.table) await print(table())
process.exit(failures === 0 ? 0 : 1)
