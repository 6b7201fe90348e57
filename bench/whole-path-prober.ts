/**
 * Ends, beside the load, connections that it has just made, and asks for them: how long after the
 * kernel told of its end it is found. (By themselves entries stay past their time until the
 * kernel's collector comes by, which takes it seconds.) RATE FIRST and ORIGIN TOKEN-FILE, or the
 * URL of ulogd2's database; the first line on stdin is the time at which the load began, in
 * milliseconds; when stdin ends no more are chosen. Prints the milliseconds of each, null for one
 * that was not found.
 */
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { v4MappedWord } from '../model/address.ts'
import type { AddressWords } from '../model/address.ts'
import { writeDelete } from '../netlink/conntrack-requests.ts'
import { MessageWriter } from '../netlink/message-writer.ts'
import { NetfilterRequests } from '../netlink/netfilter-requests.ts'
import { lookups, newRows, protocolOf } from './whole-path-ask.ts'
import type { Sought } from './whole-path-ask.ts'
import { connection } from './whole-path-plan.ts'
import type { Planned } from './whole-path-plan.ts'

const [rate = '1', first = '0', where = '', tokenFile] = process.argv.slice(2)
const asker = tokenFile === undefined ? await newRows(where) : lookups(where, tokenFile)
/** Between two that are chosen, and between two batches of questions about all that are sought. */
const [everyMs, againMs, patienceMs] = [200, 100, 30_000]

/** From a connection's being made until it is ended: its row must not be old. */
const livesMs = 500

const words = (word: number): AddressWords => [0, 0, v4MappedWord, word]
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
  if (open.length > 0) await asker.ask(open)
  else if (!choosing && all.every(({ endedMs }) => endedMs !== undefined)) break
}
requests.close()
await asker.close()
const ended = all.filter(({ endedMs = NaN }) => endedMs > 0)
console.log(JSON.stringify(ended.map(({ afterMs }) => afterMs)))
