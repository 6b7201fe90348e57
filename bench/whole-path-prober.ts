/**
 * Ends, beside the load, connections that it has just made, and asks for them: how long after the
 * kernel told of its end a look-up finds it over. (By themselves entries stay past their time until
 * the kernel's collector comes by, which takes it seconds.) ORIGIN TOKEN-FILE RATE FIRST; the first
 * line on stdin is the time at which the load began, in milliseconds; when stdin ends no more are
 * chosen. Prints the milliseconds of each, null for one that was not found.
 */
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { v4MappedWord } from '../model/address.ts'
import type { AddressWords } from '../model/address.ts'
import { writeDelete } from '../netlink/conntrack-requests.ts'
import { MessageWriter } from '../netlink/message-writer.ts'
import { NetfilterRequests } from '../netlink/netfilter-requests.ts'
import { addressText, connection } from './whole-path-plan.ts'
import type { Planned } from './whole-path-plan.ts'

const [origin = '', tokenFile = '', rate = '1', first = '0'] = process.argv.slice(2)
const authorization = `Bearer ${readFileSync(tokenFile, 'utf8').trim()}`
/** Between two that are chosen, and between two batches of questions about all that are sought. */
const [everyMs, againMs, patienceMs] = [200, 100, 30_000]

/** From a connection's being made until it is ended: its row must not be old. */
const livesMs = 500

interface Sought {
  readonly n: number
  readonly madeMs: number
  /** When the kernel took its entry away; undefined while it stands. */
  endedMs: number | undefined
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

const words = (word: number): AddressWords => [0, 0, v4MappedWord, word]
const protocolOf = ({ kind }: Planned): 'tcp' | 'udp' =>
  kind === 'tls' || kind === 'http' ? 'tcp' : 'udp'
const requests = new NetfilterRequests()
const writer = new MessageWriter()

/** Takes the entry of a connection away; false where it was gone. */
function end(planned: Planned): boolean {
  const source = { address: words(planned.client), port: planned.port }
  const destination = { address: words(planned.server), port: planned.serverPort }
  const original = { source, destination }
  const reply = { source: destination, destination: source }
  const ipProtocol = protocolOf(planned) === 'tcp' ? 6 : 17
  const entry = { ipProtocol, original, reply, zone: 0, id: 0, mark: 0, startUs: 0 }
  writeDelete(writer, requests.next(), entry)
  return requests.send(writer).errors.size === 0
}

function rowOf({ n, madeMs }: Sought): string {
  const planned = connection(n)
  const { public: outer, port } = planned
  const protocol = protocolOf(planned)
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
async function ask(open: readonly Sought[]): Promise<void> {
  const response = await fetch(`${origin}/v1/lookups`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/x-ndjson' },
    body: open.map((one) => `${rowOf(one)}\n`).join(''),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(text)
  const nowMs = Date.now()
  for (const line of text.trim().split('\n')) {
    const { id, answer } = JSON.parse(line) as Answer
    const one = open.find(({ n }) => String(n) === id)
    if (one === undefined) continue
    if (answer === undefined) throw new Error(line)
    const inside = addressText(connection(one.n).client)
    const found = answer.candidates.find(({ inside: { ip } }) => ip === inside)
    if (found?.open === false) one.afterMs = nowMs - (one.endedMs ?? nowMs)
  }
}

const all: Sought[] = []
let [beganMs, choosing] = [NaN, true]
createInterface({ input: process.stdin })
  .on('line', (line) => (beganMs = Number(line)))
  .on('close', () => (choosing = false))

function choose(nowMs: number): void {
  const n = Number(first) + Math.floor(((nowMs - beganMs) * Number(rate)) / 1000)
  all.push({ n, madeMs: nowMs, endedMs: undefined, afterMs: null })
}

/** Those whose entry could be ended, and which no answer has had yet. */
function sought(nowMs: number): Sought[] {
  for (const one of all) {
    if (one.endedMs !== undefined || nowMs - one.madeMs < livesMs) continue
    one.endedMs = end(connection(one.n)) ? Date.now() : NaN
  }
  return all.filter(
    ({ endedMs = NaN, afterMs }) => afterMs === null && nowMs - endedMs < patienceMs
  )
}

let chosenMs = 0
for (;;) {
  await sleep(againMs)
  const nowMs = Date.now()
  if (choosing && beganMs <= nowMs && nowMs - chosenMs >= everyMs) {
    chosenMs = nowMs
    choose(nowMs)
  }
  const open = sought(nowMs)
  if (open.length > 0) await ask(open)
  else if (!choosing && all.every(({ endedMs }) => endedMs !== undefined)) break
}
requests.close()
const ended = all.filter(({ endedMs = NaN }) => endedMs > 0)
console.log(JSON.stringify(ended.map(({ afterMs }) => afterMs)))
