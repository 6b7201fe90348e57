import { createSocket } from 'node:dgram'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'node:net'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeAnswerDependencies } from '../../appliance/answering.ts'
import { startCollectingSyslog } from '../../appliance/collecting-syslog.ts'
import type { CollectingSyslog } from '../../appliance/collecting-syslog.ts'
import { countSyslog } from '../../appliance/syslog-metrics.ts'
import { makeApp } from '../../lookup-api/app.ts'
import { answerSchema } from '../../lookup-api/contract.ts'
import type { Answer } from '../../lookup-api/contract.ts'
import { configSchema } from '../../model/config-schema.ts'
import { toConfig } from '../../model/config.ts'
import { deterministicDefinition } from '../../model/deterministic-definition.ts'
import type { Log } from '../../model/log.ts'
import { formatInstant } from '../../model/time.ts'
import { openDatabase } from '../../store/database.ts'
import type { Database } from '../../store/database.ts'
import { setMap } from '../../store/deterministic-maps.ts'
import { skipPostgres, usePostgres } from '../postgres.ts'
import { until } from '../until.ts'

const quiet: Log = { info: () => {}, warn: () => {}, error: () => {} }

/** Times of the lines: seconds before the test began, as RFC 5424 writes them. */
const startedMs = Date.now()
const ago = (seconds: number): string => new Date(startedMs - seconds * 1000).toISOString()

describe.skipIf(skipPostgres)('answers from NAT logs', { timeout: 60_000 }, () => {
  const postgres = usePostgres()
  const databases: Database[] = []
  let folder = ''
  let syslog: CollectingSyslog
  let app: ReturnType<typeof makeApp>
  let lookupDatabase: Database
  let collectorDatabase: Database

  const config = () =>
    toConfig(
      configSchema.parse({
        data_dir: folder,
        collector: {
          syslog: {
            listeners: [
              { transport: 'udp', listen: '127.0.0.1:0' },
              { transport: 'tcp', listen: '127.0.0.1:0' },
            ],
            sources: [{ name: 'cgn', from: '127.0.0.1' }],
          },
        },
      })
    )

  function portOf(transport: string): number {
    const address = syslog.addresses.find((one) => one.startsWith(transport)) ?? ''
    return Number(address.split(':').at(-1))
  }

  /** Sends lines over TCP, and waits until they were read. */
  async function send(lines: readonly string[]): Promise<void> {
    const before = (await syslog.status())?.senders[0]?.lines ?? 0
    const socket = connect(portOf('tcp'), '127.0.0.1')
    socket.end(lines.map((line) => `${line.length} ${line}`).join(''))
    await until(
      async () => ((await syslog.status())?.senders[0]?.lines ?? 0) >= before + lines.length
    )
  }

  async function ask(parameters: Record<string, string>): Promise<Answer> {
    const query = new URLSearchParams(parameters)
    const response = await app.request(`/v1/lookup?${query.toString()}`, {
      headers: { Authorization: 'Bearer x' },
    })
    expect(response.status, await response.clone().text()).toBe(200)
    return answerSchema.parse(await response.json())
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flowledger-syslog-'))
    const open = (url: string): Database => {
      const database = openDatabase(url)
      databases.push(database)
      return database
    }
    collectorDatabase = open(postgres.urls.collector)
    lookupDatabase = open(postgres.urls.lookup)
    syslog = await startCollectingSyslog(
      config(),
      config().collector.syslog ?? (undefined as never),
      postgres.urls.collector,
      quiet
    )
    const deps = makeAnswerDependencies(
      config(),
      {
        lookup: lookupDatabase,
        audit: open(postgres.urls.audit),
        identity: open(postgres.urls.identity),
        directory: open(postgres.urls.directory),
      },
      { query: (query) => syslog.openFlows.query(query) }
    )
    const registry = new Registry()
    countSyslog(registry, syslog)
    app = makeApp({
      ...deps,
      tokens: { check: async () => ({ name: 'root', role: 'administrator' }) },
      registry,
      readiness: [],
      onError: (error) => {
        throw error
      },
    })
  })

  afterAll(async () => {
    await syslog?.stop()
    await Promise.all(databases.map((database) => database.close()))
    rmSync(folder, { recursive: true, force: true })
  })

  const nfware = (step: 'A' | 'D', seconds: number, rest: string): string =>
    `<134>1 ${ago(seconds)} gw nat - - - ${step} VRF 0 ${rest}`

  test('a mapping that is held is unique, and a port that is free is no-match', async () => {
    const rest = '6 INT 10.0.0.8:51000 EXT 192.0.2.9:30000 DST 203.0.113.7:443 DIR OUT'
    const line = (step: string): string =>
      `<134>1 ${new Date().toISOString()} gw nat - - - ${step} VRF 0 ${rest}`
    // The source is watched from its first line on.
    await send([line('D')])
    await sleep(300)
    await send([line('A')])
    await sleep(900)
    const asked = { at: new Date(Date.now() - 400).toISOString(), tolerance: '0.1s' }
    const held = await ask({ ip: '192.0.2.9', port: '30000', ...asked })
    expect(held.reasons).toEqual(['One host, seen at the time itself, and nobody else.'])
    expect(held.verdict).toBe('unique')
    expect(held.candidates[0]).toMatchObject({ open: true, end: null, exporter: 'cgn' })
    expect((await ask({ ip: '192.0.2.9', port: '30001', ...asked })).verdict).toBe('no-match')
  })

  test('a NAT that logs sessions: who had the port, and after it nobody', async () => {
    const session = '6 INT 10.0.0.5:51000 EXT 192.0.2.1:20000 DST 203.0.113.7:443 DIR OUT'
    await send([nfware('A', 50, session), nfware('D', 20, session)])
    const held = await ask({ ip: '192.0.2.1', port: '20000', at: ago(30), tolerance: '1s' })
    expect(held.candidates.map(({ inside }) => inside)).toEqual([{ ip: '10.0.0.5', port: 51_000 }])
    expect(held.candidates[0]?.remote).toEqual({ ip: '203.0.113.7', port: 443 })
    // The source is heard since this test began: what was before rests on the record alone.
    expect(held.verdict).toBe('inferred')
    expect(held.coverage.gaps[0]?.reason).toBe('before-watching')
    const free = await ask({ ip: '192.0.2.1', port: '20001', at: ago(30), tolerance: '1s' })
    expect(free.verdict).toBe('no-data')
    expect(free.candidates).toEqual([])
  })

  test('a NAT that logs blocks of ports: inferred, with the block', async () => {
    const block = 'INT 10.0.0.6 EXT 192.0.2.2:1024-1535'
    await send([nfware('A', 50, block), nfware('D', 20, block)])
    const held = await ask({ ip: '192.0.2.2', port: '1500', protocol: 'tcp', at: ago(30) })
    expect(held.verdict).toBe('inferred')
    expect(held.reasons.join(' ')).toContain('block of ports')
    expect(held.candidates[0]).toMatchObject({
      inside: { ip: '10.0.0.6' },
      public: { ip: '192.0.2.2', port: 1500 },
      ports: { basis: 'block', start: 1024, end: 1535 },
    })
    expect((await ask({ ip: '192.0.2.2', port: '1536', at: ago(30) })).candidates).toEqual([])
    expect((await ask({ ip: '192.0.2.2', port: '1500', at: ago(5) })).candidates).toEqual([])
    // A block that is held is asked for at the collector.
    await send([nfware('A', 10, 'INT 10.0.0.7 EXT 192.0.2.2:2048-2559')])
    const open = await ask({ ip: '192.0.2.2', port: '2050', at: ago(5) })
    expect(open.candidates[0]).toMatchObject({ inside: { ip: '10.0.0.7' }, open: true })
  })

  test('a session that contradicts the block is a conflict', async () => {
    const session = '6 INT 10.0.0.99:1 EXT 192.0.2.3:1030 DST 203.0.113.7:443 DIR OUT'
    await send([
      nfware('A', 50, 'INT 10.0.0.6 EXT 192.0.2.3:1024-1535'),
      nfware('A', 45, session),
      nfware('D', 20, session),
      nfware('D', 15, 'INT 10.0.0.6 EXT 192.0.2.3:1024-1535'),
    ])
    const asked = { ip: '192.0.2.3', port: '1030', protocol: 'tcp', at: ago(30) }
    expect((await ask(asked)).verdict).toBe('conflict')
  })

  test('deterministic NAT: computed, by the map that was in force', async () => {
    const pool = (inside: string) =>
      deterministicDefinition.parse({
        algorithm: 'sequential',
        inside,
        outside: ['192.0.2.200'],
        reserved_ports: 1024,
        dynamic_factor: 2,
      })
    const day = 86_400e6
    const noonUs = Math.floor((startedMs * 1000) / day) * day - day / 2
    await setMap(collectorDatabase, 'cgn-a', pool('198.51.100.0/28'), noonUs - 5 * day)
    await setMap(collectorDatabase, 'cgn-a', pool('100.64.0.0/28'), noonUs)
    const at = (us: number) => ({ ip: '192.0.2.200', port: '2001', at: formatInstant(us) })
    const before = await ask(at(noonUs - 60e6))
    expect(before.verdict).toBe('inferred')
    expect(before.candidates.map(({ inside }) => inside.ip)).toEqual(['198.51.100.1'])
    expect(before.candidates[0]).toMatchObject({ ports: { start: 1024, end: 5055 } })
    const after = await ask(at(noonUs + 60e6))
    expect(after.candidates.map(({ inside }) => inside.ip)).toEqual(['100.64.0.1'])
    const earlier = await ask(at(noonUs - 6 * day))
    expect(earlier.candidates).toEqual([])
    // A map is never changed behind its back.
    await expect(
      setMap(collectorDatabase, 'cgn-a', pool('10.0.0.0/28'), noonUs - day)
    ).rejects.toThrow(/begins later/)
  })

  test('an ASA: the teardown is found without its translation', async () => {
    const asa = (seconds: number, text: string): string =>
      `<166>${ago(seconds)} fw : %ASA-6-${text}`
    await send([
      asa(
        50,
        '305011: Built dynamic TCP translation from inside:10.0.0.5/51000 to outside:192.0.2.4/20000'
      ),
      asa(
        50,
        '302013: Built outbound TCP connection 12 for outside:203.0.113.7/443 (203.0.113.7/443) to inside:10.0.0.5/51000 (192.0.2.4/20000) (bob)'
      ),
      asa(
        30,
        '302014: Teardown TCP connection 12 for outside:203.0.113.7/443 to inside:10.0.0.5/51000 duration 0:00:20 bytes 4711 TCP FINs'
      ),
      asa(
        20,
        '305012: Teardown dynamic TCP translation from inside:10.0.0.5/51000 to outside:192.0.2.4/20000 duration 0:00:30'
      ),
    ])
    const asked = { ip: '192.0.2.4', port: '20000', at: ago(40), destination_ip: '203.0.113.7' }
    const held = await ask(asked)
    expect(held.candidates.map(({ inside }) => inside)).toEqual([{ ip: '10.0.0.5', port: 51_000 }])
    expect(held.candidates[0]?.flows).toBe(2)
    const other = await ask({ ...asked, destination_ip: '203.0.113.8' })
    // The translation alone does not say towards whom: it rules nobody out.
    expect(other.candidates).toHaveLength(1)
  })

  test('a NAT64: the host is an IPv6 address', async () => {
    const stamp = (seconds: number): string => {
      const d = new Date(startedMs - seconds * 1000)
      const day = [d.getUTCFullYear(), d.getUTCMonth() + 1, d.getUTCDate()].join('/')
      return `${day} ${d.getUTCHours()}:${d.getUTCMinutes()}:${d.getUTCSeconds()} (GMT)`
    }
    const jool = (seconds: number, text: string): string =>
      `<6>${ago(seconds)} nat64 kernel: [1.2] Jool: x ${stamp(seconds)} - ${text}`
    const ends = '2001:db8::5#19945|64:ff9b::203.0.113.7#80|192.0.2.5#8208|203.0.113.7#80|TCP'
    await send([jool(50, `Added session ${ends}`), jool(20, `Forgot session ${ends}`)])
    const held = await ask({ ip: '192.0.2.5', port: '8208', at: ago(35) })
    expect(held.candidates).toHaveLength(1)
    expect(held.candidates[0]).toMatchObject({
      inside: { ip: '2001:db8::5', port: 19_945 },
      remote: { ip: '203.0.113.7', port: 80 },
      nat: 'source',
    })
  })

  test('what an inside address had is listed, blocks and computed ports too', async () => {
    const { makeHeldPorts } = await import('../../store/find-mappings.ts')
    const { requireAddress } = await import('../../model/address.ts')
    const nowUs = startedMs * 1000
    const of = async (inside: string) =>
      (
        await makeHeldPorts(lookupDatabase)({
          inside: requireAddress(inside),
          fromUs: nowUs - 3600e6,
          toUs: nowUs,
          limit: 10,
        })
      ).map(({ ports, public: { port } }) => [ports?.basis, port, ports?.end])
    expect(await of('10.0.0.6')).toContainEqual(['block', 1024, 1535])
    expect(await of('100.64.0.1')).toEqual([['deterministic', 1024, 5055]])
  })

  test('quota and exhaustion are kept', async () => {
    await send([`<134>1 ${ago(10)} f5 tmm - - - LSN_QUOTA_EXCEEDED 10.0.0.5`])
    const count = async (): Promise<number> => {
      const rows = await lookupDatabase.query<{ n: string }>('count', {
        text: 'select count(*) as n from ledger.nat_event where event = 13',
      })
      return Number(rows[0]?.n)
    }
    await until(async () => (await count()) === 1)
  })

  test('datagrams are heard; what nobody understands is counted and shown', async () => {
    const before = (await syslog.status())?.senders[0]?.unknown ?? 0
    const socket = createSocket('udp4')
    const text = `<134>1 ${ago(1)} gw app - - - nobody knows this\n<134>1 ${ago(1)} gw nat - - - A VRF x`
    socket.send(text, portOf('udp'), '127.0.0.1')
    await until(async () => ((await syslog.status())?.senders[0]?.unknown ?? 0) > before)
    socket.close()
    const status = await syslog.status()
    expect(status?.senders[0]?.unknownLines.at(-1)).toContain('nobody knows this')
    expect(status?.senders[0]?.malformedLines.at(-1)).toContain('A VRF x')
    const metrics = await (
      await app.request('/metrics', { headers: { Authorization: 'Bearer x' } })
    ).text()
    expect(metrics).toMatch(/flowledger_syslog_lines_total\{source="cgn",outcome="unknown"\} [1-9]/)
    expect(metrics).toMatch(/flowledger_nat_mappings_total\{outcome="closed"\} [1-9]/)
  })
})
