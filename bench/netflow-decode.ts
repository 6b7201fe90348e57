import { execFileSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { NetflowCollector } from '../collector/netflow/collector.ts'
import type { CollectorJournal } from '../collector/netflow/collector-journal.ts'
import { benchRecords, makeDatagram } from './netflow-datagrams.ts'
import { tellFigure } from './suite/figure.ts'

/**
 * Datagrams in memory to columns, on one core: v9 and IPFIX, 18 fields, 24 records a datagram;
 * beside node-netflowv9 (GPL, so in a process of its own), which knows v9 alone. Rounds in turn,
 * medians are told.
 *
 * npx tsx bench/netflow-decode.ts [--rounds 3]
 */
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' } } })
const rounds = Number(values.rounds)
const seconds = 1.5

/** Counts rows and looks at nothing. */
class Counting implements CollectorJournal {
  rows = 0
  flows(batch: { length: number }): void {
    this.rows += batch.length
  }
  events(): void {}
  sourceIndex(): number {
    return 1
  }
  watchedFrom(): void {}
  gap(): void {}
  progress(): void {}
  restarted(): void {}
  doubted(): void {}
}

function ours(version: 9 | 10): number {
  const journal = new Counting()
  const collector = new NetflowCollector([], journal)
  const datagrams = [makeDatagram(version, 0, true)]
  for (let i = 1; i <= 512; i++) datagrams.push(makeDatagram(version, i, false))
  const all = Buffer.concat(datagrams)
  const view = new DataView(all.buffer, all.byteOffset, all.length)
  const ends: number[] = []
  let at = 0
  for (const { length } of datagrams) ends.push((at += length))
  const arrival = { w0: 0, w1: 0, w2: 0xffff, w3: 0x7f000001, port: 9, atUs: Date.now() * 1000 }
  const who = { ...arrival, transport: 'udp' } as const
  const until = performance.now() + seconds * 1000
  const begun = process.cpuUsage()
  while (performance.now() < until) {
    let from = 0
    for (const end of ends) {
      collector.decoder.take(view, from, end, who)
      from = end
    }
  }
  collector.rows.flush()
  const { user, system } = process.cpuUsage(begun)
  return (journal.rows * 1e6) / (user + system)
}

/** The peer decodes the same datagrams in a process of its own, and prints records a CPU second. */
function theirs(): number {
  const datagrams = [makeDatagram(9, 0, true)]
  for (let i = 1; i <= 512; i++) datagrams.push(makeDatagram(9, i, false))
  const script = `
    const Collector = require('node-netflowv9')
    const collector = Collector(() => {})
    const rinfo = { address: '127.0.0.1', port: 9 }
    const all = JSON.parse(require('fs').readFileSync(0, 'utf8'))
      .map((text) => Buffer.from(text, 'base64'))
    let records = 0
    const begun = process.cpuUsage()
    const until = performance.now() + ${seconds * 1000}
    while (performance.now() < until) {
      for (const datagram of all) {
        const decoded = collector.nfPktDecode(datagram, rinfo)
        records += decoded.flows.length
      }
    }
    const { user, system } = process.cpuUsage(begun)
    console.log(records * 1e6 / (user + system))
    process.exit(0)`
  const out = execFileSync(process.execPath, ['--no-deprecation', '-e', script], {
    encoding: 'utf8',
    input: JSON.stringify(datagrams.map((datagram) => datagram.toString('base64'))),
    cwd: new URL('..', import.meta.url).pathname,
  })
  return Number(out.trim().split('\n').at(-1))
}

const median = (list: readonly number[]): number =>
  list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0

const found: { v9: number[]; ipfix: number[]; peer: number[] } = { v9: [], ipfix: [], peer: [] }
for (let round = 0; round < rounds; round++) {
  found.v9.push(ours(9))
  found.ipfix.push(ours(10))
  found.peer.push(theirs())
}
const line = (rate: number): string => `${(rate / 1e6).toFixed(2)} M records/s`
console.log(`records a datagram: ${benchRecords}`)
console.log(`flowledger, v9:    ${line(median(found.v9))}   ${found.v9.map(line).join(', ')}`)
console.log(`flowledger, IPFIX: ${line(median(found.ipfix))}   ${found.ipfix.map(line).join(', ')}`)
console.log(`node-netflowv9:    ${line(median(found.peer))}   ${found.peer.map(line).join(', ')}`)
console.log(`v9 beside it: ${(median(found.v9) / median(found.peer)).toFixed(1)}x`)
tellFigure({
  what: 'NetFlow 9 in memory to columns',
  unit: 'records a CPU second',
  better: 'more',
  ours: found.v9,
  peer: 'node-netflowv9',
  theirs: found.peer,
})
