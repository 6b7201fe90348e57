/**
 * Asks, beside the load, for connections that are being made: how long after its end a look-up
 * finds one. ORIGIN TOKEN-FILE RATE FIRST; the first line on stdin is the time at which the load
 * began, in milliseconds; when stdin ends no more are chosen. Prints the milliseconds of each, null
 * for one that was not found.
 */
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { addressText, connection } from './whole-path-plan.ts'

const [origin = '', tokenFile = '', rate = '1', first = '0'] = process.argv.slice(2)
const authorization = `Bearer ${readFileSync(tokenFile, 'utf8').trim()}`
/** Between two that are chosen, and between two batches of questions about all that are sought. */
const [everyMs, againMs, patienceMs] = [250, 200, 30_000]

interface Sought {
  readonly n: number
  readonly madeMs: number
  afterMs: number | null
}

interface Answer {
  readonly id: string
  readonly answer?: {
    readonly candidates: readonly {
      readonly inside: { readonly ip: string }
      readonly open: boolean
      readonly end: string | null
    }[]
  }
}

function rowOf({ n, madeMs }: Sought): string {
  const { public: outer, port, kind } = connection(n)
  const protocol = kind === 'tls' || kind === 'http' ? 'tcp' : 'udp'
  const at = new Date(madeMs).toISOString()
  return JSON.stringify({
    id: String(n),
    ip: addressText(outer),
    port,
    protocol,
    at,
    tolerance: '1s',
  })
}

/** One batch about all; notes those whose row says that they are over. */
async function ask(sought: readonly Sought[]): Promise<void> {
  const response = await fetch(`${origin}/v1/lookups`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/x-ndjson' },
    body: sought.map((one) => `${rowOf(one)}\n`).join(''),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(text)
  const nowMs = Date.now()
  for (const line of text.trim().split('\n')) {
    const { id, answer } = JSON.parse(line) as Answer
    const one = sought.find(({ n }) => String(n) === id)
    if (one === undefined) continue
    if (answer === undefined) throw new Error(line)
    const inside = addressText(connection(one.n).client)
    const found = answer.candidates.find(({ inside: { ip } }) => ip === inside)
    if (found?.open === false && found.end !== null) one.afterMs = nowMs - Date.parse(found.end)
  }
}

const all: Sought[] = []
let [beganMs, choosing] = [NaN, true]
createInterface({ input: process.stdin })
  .on('line', (line) => (beganMs = Number(line)))
  .on('close', () => (choosing = false))
let chosenMs = 0
for (;;) {
  await sleep(againMs)
  const nowMs = Date.now()
  if (choosing && beganMs <= nowMs && nowMs - chosenMs >= everyMs) {
    chosenMs = nowMs
    const n = Number(first) + Math.floor(((nowMs - beganMs) * Number(rate)) / 1000)
    all.push({ n, madeMs: nowMs, afterMs: null })
  }
  const sought = all.filter((one) => one.afterMs === null && nowMs - one.madeMs < patienceMs)
  if (sought.length > 0) await ask(sought)
  else if (!choosing) break
}
console.log(JSON.stringify(all.map(({ afterMs }) => afterMs)))
