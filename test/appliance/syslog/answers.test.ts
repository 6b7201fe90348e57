import { createSocket } from 'node:dgram'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { requireAddress } from '../../../model/address.ts'
import { deterministicDefinition } from '../../../model/deterministic-definition.ts'
import { formatInstant } from '../../../model/time.ts'
import { setMap } from '../../../store/deterministic-maps.ts'
import { makeHeldPorts } from '../../../store/find-mappings.ts'
import { skipPostgres } from '../../postgres.ts'
import { until } from '../../until.ts'
import { SyslogLab } from './lab.ts'

/** Times of the lines: seconds before the test began, as RFC 5424 writes them. */
const startedMs = Date.now()
const ago = (seconds: number): string => new Date(startedMs - seconds * 1000).toISOString()

describe.skipIf(skipPostgres)('answers from NAT logs', () => {
  const lab = new SyslogLab()
  const send = (lines: readonly string[]): Promise<void> => lab.send(lines)
  const ask = (parameters: Record<string, string>) => lab.ask(parameters)

  const nfware = (step: 'A' | 'D', seconds: number, rest: string): string =>
    `<134>1 ${ago(seconds)} gw nat - - - ${step} VRF 0 ${rest}`

  test('a mapping that is held is unique, and a port that is free is no-match', async () => {
    const rest = '6 INT 10.0.0.8:51000 EXT 192.0.2.9:30000 DST 203.0.113.7:443 DIR OUT'
    const line = (step: string): string =>
      `<134>1 ${new Date().toISOString()} gw nat - - - ${step} VRF 0 ${rest}`
    // The source is watched from its first line on.
    await send([line('D')])
    await sleep(300)
    const begunMs = Date.now()
    await send([line('A')])
    const asked = { at: new Date(begunMs + 200).toISOString(), tolerance: '0.1s' }
    // Coverage ends as long before now as lines were under way, on a busy machine.
    let held = await ask({ ip: '192.0.2.9', port: '30000', ...asked })
    await until(async () => {
      held = await ask({ ip: '192.0.2.9', port: '30000', ...asked })
      return held.verdict === 'unique'
    })
    expect(held.reasons).toEqual(['One host, seen at the time itself, and nobody else.'])
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
    await setMap(lab.collector, 'cgn-a', pool('198.51.100.0/28'), noonUs - 5 * day)
    await setMap(lab.collector, 'cgn-a', pool('100.64.0.0/28'), noonUs)
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
    await expect(setMap(lab.collector, 'cgn-a', pool('10.0.0.0/28'), noonUs - day)).rejects.toThrow(
      /begins later/
    )
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
    expect(held.candidates[0]?.identity.user).toBe('bob')
    expect(held.candidates[0]?.links.at(-1)).toMatchObject({ step: 'user', source: 'cgn' })
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
    const nowUs = startedMs * 1000
    const of = async (inside: string) =>
      (
        await makeHeldPorts(lab.lookup)({
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
      const rows = await lab.lookup.query<{ n: string }>('count', {
        text: 'select count(*) as n from ledger.nat_event where event = 13',
      })
      return Number(rows[0]?.n)
    }
    await until(async () => (await count()) === 1)
  })

  test('datagrams are heard; what nobody understands is counted and shown', async () => {
    const before = (await lab.syslog.status())?.senders[0]?.unknown ?? 0
    const socket = createSocket('udp4')
    const text = `<134>1 ${ago(1)} gw app - - - nobody knows this\n<134>1 ${ago(1)} gw nat - - - A VRF x`
    socket.send(text, lab.portOf('udp'), '127.0.0.1')
    await until(async () => ((await lab.syslog.status())?.senders[0]?.unknown ?? 0) > before)
    socket.close()
    const status = await lab.syslog.status()
    expect(status?.senders[0]?.unknownLines.at(-1)).toContain('nobody knows this')
    expect(status?.senders[0]?.malformedLines.at(-1)).toContain('A VRF x')
    const metrics = await (
      await lab.app.request('/metrics', { headers: { Authorization: 'Bearer x' } })
    ).text()
    expect(metrics).toMatch(/flowledger_syslog_lines_total\{source="cgn",outcome="unknown"\} [1-9]/)
    expect(metrics).toMatch(/flowledger_nat_mappings_total\{outcome="closed"\} [1-9]/)
  })

  test('a restart of ours loses nothing that was held, and tells its gap', async () => {
    await send([
      nfware('A', 1, '6 INT 10.0.0.70:7 EXT 192.0.2.70:7000 DST 203.0.113.7:443 DIR OUT'),
    ])
    await lab.syslog.stop()
    await sleep(50)
    await lab.receive()
    await send([
      nfware('A', 0, '6 INT 10.0.0.71:7 EXT 192.0.2.70:7001 DST 203.0.113.7:443 DIR OUT'),
    ])
    const held = await ask({ ip: '192.0.2.70', port: '7000', at: new Date().toISOString() })
    expect(held.candidates.map(({ inside, open }) => [inside.ip, open])).toEqual([
      ['10.0.0.70', true],
    ])
    const gaps = await lab.lookup.query<{ reason: string }>('gaps', {
      text: "select reason from ledger.gap join ledger.source s on s.id = source where s.name = 'cgn'",
    })
    expect(gaps.map(({ reason }) => reason)).toContain('down')
  })
})
