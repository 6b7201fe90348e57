import { readdirSync } from 'node:fs'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nfdumpObjects } from '../oracle/collect.ts'
import { programMissing, skipUnless } from '../skip.ts'
import { labMissing, makeLab } from './gateway-lab.ts'
import type { Lab } from './gateway-lab.ts'

/**
 * The whole way: connections through a NAT gateway, conntrack, the spool, and nfcapd of nfdump on
 * the other end of a real network, held against the ledger's own rows of the same connections.
 */

const settings = `exporter:
  targets:
    - { name: ipfix, address: "203.0.113.1:4739", options: [] }
    - { name: netflow9, address: "203.0.113.1:9995", protocol: netflow9, records: both }
    - { name: dead, address: "203.0.113.1:4", transport: tcp }
`

interface Row {
  readonly [key: string]: string | number
}

interface Ledger {
  readonly flows: readonly {
    readonly inside: { ip: string; port: number }
    readonly public: { ip: string; port: number }
    readonly remote: { ip: string; port: number }
    readonly protocol: string
    readonly packets: number | string
    readonly bytes: number | string
  }[]
}

/** nfcapd in a namespace of the lab, into a directory of its own. */
interface Collector {
  readonly child: ChildProcess
  readonly directory: string
  log(): string
  end(): Promise<Row[]>
}

function collect(lab: Lab, port: number): Collector {
  const directory = mkdtempSync(join(tmpdir(), 'flowledger-lab-nfcapd-'))
  const argv = ['nfcapd', '-w', directory, '-p', String(port), '-t', '300', '-b', '203.0.113.1']
  const child = lab.topology.spawn(lab.topology.outside, argv, {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (part: string) => (text += part))
  }
  return {
    child,
    directory,
    log: () => text,
    async end() {
      const exit = once(child, 'close')
      child.kill('SIGTERM')
      await exit
      const files = readdirSync(directory).filter((name) => /^nfcapd\.\d+$/.test(name))
      const rows = files.flatMap((file) => {
        const argv1 = ['-r', join(directory, file), '-q', '-o', 'json']
        const out = execFileSync('nfdump', argv1, {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
        })
        return nfdumpObjects(out)
      })
      rmSync(directory, { recursive: true, force: true })
      return rows
    },
  }
}

/** A connection as a line: who, as whom, to whom, and how much. */
const lineOf = (parts: readonly (string | number | undefined)[]): string => parts.join(' ')

const isNat = (row: Row): boolean => row['src4_xlt_ip'] !== undefined

function told(row: Row): string {
  const inside = `${row['src4_addr'] ?? row['src6_addr']}:${row['src_port']}`
  const outside = `${row['src4_xlt_ip'] ?? row['src6_xlt_ip'] ?? row['src6_addr']}:${row['src_xlt_port']}`
  const remote = `${row['dst4_addr'] ?? row['dst6_addr']}:${row['dst_port']}`
  // The API tells both directions together.
  const both = (name: string): number =>
    Number(row[`in_${name}`] ?? 0) + Number(row[`out_${name}`] ?? 0)
  return lineOf([inside, outside, remote, both('packets'), both('bytes')])
}

describe.skipIf(
  skipUnless('kernel', labMissing()) ||
    skipUnless('program', programMissing('nfcapd') ?? programMissing('nfdump'))
)('flows of a gateway at a collector', () => {
  let lab: Lab
  let program: ChildProcess
  /** Of one port that the kernel chose twice the second connection would be the first one. */
  let nextPort = 20_000

  beforeAll(async () => {
    lab = await makeLab({ hosts: 1 }, settings)
  })
  afterAll(async () => {
    await lab.close()
  })

  async function connectMany(count: number): Promise<void> {
    const [home] = lab.topology.hosts
    const [host] = lab.hosts
    if (home === undefined || host === undefined) throw new Error('The lab has a host.')
    for (let i = 0; i < count; i++) {
      const local = { ip: home.ipv4, port: nextPort++ }
      const made = await host.open('udp', local, { ip: '198.51.100.1', port: 53 })
      await host.close(made)
    }
  }

  /** What the ledger has, once it has all. */
  async function ledgerRows(count: number): Promise<string[]> {
    for (;;) {
      // A dump takes out what has expired. What is exported keeps an entry of its own alive, so that
      // there is no moment without one.
      await lab.topology.run(lab.topology.gateway, ['conntrack', '-L'])
      const body = await lab.request('/v1/flows?from=-10m&to=now&limit=1000')
      const { flows } = JSON.parse(body) as Ledger
      const mine = flows.filter(({ remote }) => remote.ip === '198.51.100.1')
      if (mine.length >= count) {
        return mine.map(({ inside, public: outside, remote, packets, bytes }) =>
          lineOf([
            `${inside.ip}:${inside.port}`,
            `${outside.ip}:${outside.port}`,
            `${remote.ip}:${remote.port}`,
            packets,
            bytes,
          ])
        )
      }
      await sleep(300)
    }
  }

  /**
   * Waits until a target is told what is collected now. One that was away is tried again less and
   * less often.
   */
  async function keepsUp(target: string): Promise<void> {
    for (;;) {
      const metrics = await lab.request('/metrics')
      const of = (name: string): number =>
        Number(
          new RegExp(`^flowledger_export_${name}\\{target="${target}"\\} (.*)$`, 'm').exec(
            metrics
          )?.[1]
        )
      if (of('open') === 1 && of('behind_seconds') < 3) return
      await sleep(500)
    }
  }

  test('every connection arrives as the ledger has it, through a restart of a collector', async () => {
    const ipfix = collect(lab, 4739)
    const first = collect(lab, 9995)
    await sleep(500)
    program = await lab.up()
    await connectMany(20)
    await ledgerRows(20)
    await keepsUp('netflow9')
    await sleep(2500)
    const before = await first.end()
    // The collector is away while more connections end.
    await connectMany(20)
    await ledgerRows(40)
    const second = collect(lab, 9995)
    await sleep(500)
    await connectMany(5)
    const ledger = await ledgerRows(45)
    await keepsUp('netflow9')
    await sleep(4000)
    await lab.end(program, 'SIGTERM')
    const after = await second.end()
    const mine = (rows: readonly Row[]): Row[] =>
      rows.filter((row) => row['dst4_addr'] === '198.51.100.1')
    const flows = (rows: readonly Row[]): Row[] =>
      mine(rows).filter((row) => row['type'] === 'FLOW')
    // IPFIX: its collector was there all the while; each connection once.
    const steady = mine(await ipfix.end())
    expect(steady.every(isNat)).toBe(true)
    expect(steady.map(told).toSorted()).toEqual(ledger.toSorted())
    expect(ipfix.log()).toMatch(/Sequence Errors: 0, Bad Packets: 0/)
    // NetFlow 9: what ended while it was away came afterwards, none is missing.
    const all = [...flows(before), ...flows(after)].filter(
      (row) => row['nat_event_id'] === undefined
    )
    // A record tells one direction, so that the ends are what both have.
    const endsOf = (line: string): string => line.split(' ').slice(0, 3).join(' ')
    expect(new Set(all.map((row) => endsOf(told(row))))).toEqual(new Set(ledger.map(endsOf)))
    expect(second.log()).toMatch(/Sequence Errors: 0, Bad Packets: 0/)
    const events = [...mine(before), ...mine(after)].flatMap((row) =>
      row['nat_event_id'] === undefined ? [] : [`${row['nat_event_id']} ${row['src_xlt_port']}`]
    )
    const ports = new Set(ledger.map((line) => /:(\d+) 198/.exec(line)?.[1]))
    expect(new Set(events)).toEqual(
      new Set([...ports].flatMap((port) => [`4 ${port}`, `5 ${port}`]))
    )
  })
})
