import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { benchRecords } from './netflow-datagrams.ts'
import { compareLoss } from './netflow-loss.ts'
import {
  blast,
  isHeld,
  measure,
  sending,
  show,
  startNfacctd,
  startNfcapd,
  startOurs,
  startReceiving,
} from './netflow-receivers.ts'
import type { Counter, Receiver } from './netflow-receivers.ts'
import { median } from './process.ts'
import { tellFigure } from './suite/figure.ts'

/**
 * Datagrams on loopback to disk: CPU a record beside nfcapd, beside nfacctd, and beside receiving
 * alone, which is the bound, at one rate, in turn, of rounds where neither lost anything; and the
 * highest rate without loss beside node's dgram, as netflow-loss.ts finds it. One sender serves all
 * of them.
 *
 * npx tsx bench/netflow-collect.ts [cpu|nfcapd|nfacctd|receiving|loss] [--rate DATAGRAMS_A_SECOND]
 *   [--rounds 3] [--seconds 5] [--warm 15] [--alone]
 *
 * With --alone the sender gives the kernel one datagram a call, so that none arrive joined.
 */
const { values, positionals } = parseArgs({
  options: {
    rate: { type: 'string', default: '30000' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
    warm: { type: 'string', default: '15' },
    alone: { type: 'boolean', default: false },
  },
  allowPositionals: true,
})
const [wanted] = positionals
const [cpuRate, rounds] = [Number(values.rate), Number(values.rounds)]
const [roundSeconds, warmSeconds] = [Number(values.seconds), Number(values.warm)]

sending.isAlone = values.alone

const nothing: Counter = () => {}

/**
 * V8 compiles for ten seconds and more what it finds to be hot, and gives half of it up when a
 * sender begins anew; so both are warmed up by senders that come and go, as in the rounds.
 */
async function warm(one: Receiver, count: Counter): Promise<void> {
  for (let left = warmSeconds; left > 0; left -= roundSeconds) {
    const { sent } = await blast(one.port, cpuRate, roundSeconds)
    count(sent + 1)
  }
}

/** Starts a peer, which is told how many datagrams it was sent. */
type Start = (sent: () => number) => Promise<Receiver>

async function compareCpu(start: Start): Promise<void> {
  let toPeer = 0
  const count: Counter = (sent) => (toPeer += sent)
  const [ours, theirs] = [await startOurs(), await start(() => toPeer)]
  await warm(ours, nothing)
  await warm(theirs, count)
  await sleep(1500)
  const pairs: [number, number][] = []
  for (let round = 0; round < rounds; round++) {
    const first = await measure(ours, cpuRate, roundSeconds, nothing)
    const second = await measure(theirs, cpuRate, roundSeconds, count)
    show(ours.name, first)
    show(theirs.name, second)
    if (isHeld(first, cpuRate) && isHeld(second, cpuRate)) {
      pairs.push([first.cpuUsARecord, second.cpuUsARecord])
    } else console.log('  not counted: lost, or not sent at the rate')
  }
  await ours.close()
  const onDisk = await theirs.close()
  if (onDisk !== undefined) {
    console.log(`${theirs.name} has ${onDisk} records on disk of ${toPeer * benchRecords} at most`)
  }
  tellRatio(theirs.name, pairs)
}

function tellRatio(peer: string, pairs: readonly (readonly [number, number])[]): void {
  const [own, other] = [median(pairs.map(([a]) => a)), median(pairs.map(([, b]) => b))]
  const each = pairs.map(([a, b]) => `${(a / b).toFixed(2)}x`).join(', ')
  console.log(
    `median: flowledger ${own.toFixed(3)} us, ${peer} ${other.toFixed(3)} us: ` +
      `${(own / other).toFixed(2)}x (rounds: ${each})`
  )
  const how = values.alone ? ', each sent alone' : ''
  tellFigure({
    what: `NetFlow 9 on loopback to disk, ${cpuRate} datagrams/s${how}`,
    unit: 'us CPU a record',
    better: 'less',
    ours: pairs.map(([a]) => a),
    peer,
    theirs: pairs.map(([, b]) => b),
  })
}

const isCpu = wanted === undefined || wanted === 'cpu'
if (isCpu || wanted === 'nfcapd') await compareCpu(startNfcapd)
if (isCpu || wanted === 'nfacctd') await compareCpu(startNfacctd)
if (isCpu || wanted === 'receiving') await compareCpu(startReceiving)
if (wanted === undefined || wanted === 'loss') await compareLoss()
