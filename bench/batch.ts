import { Agent } from 'node:http'
import { parseArgs } from 'node:util'
import { bodyOf, startAppliance } from './appliance-process.ts'
import type { ApplianceProcess } from './appliance-process.ts'
import { fillLedger } from './filled-ledger.ts'
import type { FilledLedger } from './filled-ledger.ts'
import { cpuSeconds, median } from './process.ts'

/**
 * Whole answers over HTTP from a running `up`, the audit on disk and this host followed: batches,
 * and one question after another.
 *
 * npx tsx bench/batch.ts [--rows 2000000] [--hours 24] [--batch 10000] [--rounds 5]
 *   [--singles 500] [--profile DIRECTORY] [--data-dir DIRECTORY]
 */
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '2000000' },
    hours: { type: 'string', default: '24' },
    'data-dir': { type: 'string' },
    batch: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '5' },
    singles: { type: 'string', default: '500' },
    profile: { type: 'string' },
  },
})
const [rows, hours, batch, rounds, singles] = [
  values.rows,
  values.hours,
  values.batch,
  values.rounds,
  values.singles,
].map(Number) as [number, number, number, number, number]

/** Three of four questions are about a connection that is there. */
const isHit = (i: number): boolean => i % 4 !== 0

interface Round {
  readonly perSecond: number
  readonly cpuUs: number
  readonly verdicts: Record<string, number>
}

async function askBatch(
  up: ApplianceProcess,
  ledger: FilledLedger,
  token: string,
  kind: 'ndjson' | 'csv'
): Promise<Round> {
  const questions = Array.from({ length: batch }, (_, i) => ledger.question(isHit(i)))
  const type = kind === 'csv' ? 'text/csv' : 'application/x-ndjson'
  const columns = ['ip', 'port', 'protocol', 'at'] as const
  const lines =
    kind === 'csv'
      ? [columns.join(','), ...questions.map((one) => columns.map((name) => one[name]).join(','))]
      : questions.map((one) => JSON.stringify(one))
  const cpuFrom = cpuSeconds(up.pid)
  const from = performance.now()
  const options = { method: 'POST', headers: { 'Content-Type': type } }
  const response = await up.send(token, '/v1/lookups', options, lines.join('\n'))
  const text = await bodyOf(response)
  const seconds = (performance.now() - from) / 1000
  const cpuUs = ((cpuSeconds(up.pid) - cpuFrom) * 1e6) / batch
  const answered = text
    .trimEnd()
    .split('\n')
    .slice(kind === 'csv' ? 1 : 0)
  if (response.statusCode !== 200 || answered.length !== batch) {
    throw new Error(`${response.statusCode}, ${answered.length} rows: ${text.slice(0, 300)}`)
  }
  const verdicts: Record<string, number> = {}
  for (const line of answered) {
    const verdict = /"?verdict"?:"([a-z-]+)"/.exec(line)?.[1] ?? line.split(',')[3] ?? '?'
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1
  }
  return { perSecond: batch / seconds, cpuUs, verdicts }
}

async function askSingles(up: ApplianceProcess, ledger: FilledLedger): Promise<number[]> {
  const agent = new Agent({ keepAlive: true })
  const times: number[] = []
  for (let i = 0; i < singles; i++) {
    const { port, ...texts } = ledger.question(isHit(i))
    const parameters = new URLSearchParams({ ...texts, port: String(port) })
    const from = performance.now()
    const response = await up.send(ledger.tokens.program, `/v1/lookup?${parameters.toString()}`, {
      agent,
    })
    await bodyOf(response)
    times.push(performance.now() - from)
    if (response.statusCode !== 200) throw new Error(`single: ${response.statusCode}`)
  }
  agent.destroy()
  return times.sort((a, b) => a - b)
}

const figure = (value: number): number => Number(value.toPrecision(4))

const ledger = await fillLedger(rows, hours, values['data-dir'])
try {
  const flags =
    values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`]
  const up = await startAppliance(ledger.dataDir, flags)
  try {
    const results: Record<string, unknown> = { rows: ledger.rows, partitions: hours, batch }
    await askSingles(up, ledger)
    for (const [name, kind, token] of [
      ['ndjson', 'ndjson', ledger.tokens.program],
      ['csv', 'csv', ledger.tokens.program],
      ['ndjsonWithIdentity', 'ndjson', ledger.tokens.administrator],
    ] as const) {
      await askBatch(up, ledger, token, kind)
      const done: Round[] = []
      for (let round = 0; round < rounds; round++) {
        done.push(await askBatch(up, ledger, token, kind))
        process.stderr.write(`${name} ${JSON.stringify(done.at(-1))}\n`)
      }
      results[`${name}PerSecond`] = {
        rounds: done.map(({ perSecond }) => figure(perSecond)),
        median: figure(median(done.map(({ perSecond }) => perSecond))),
        cpuUsARow: figure(median(done.map(({ cpuUs }) => cpuUs))),
        verdicts: done.at(-1)?.verdicts,
      }
    }
    const times = await askSingles(up, ledger)
    const at = (share: number): number => figure(times[Math.floor(share * times.length)] ?? 0)
    results['singleMs'] = { p50: at(0.5), p90: at(0.9), p99: at(0.99) }
    console.log(JSON.stringify(results, undefined, 2))
  } finally {
    await up.stop()
  }
} finally {
  await ledger.close()
}
