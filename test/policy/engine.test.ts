import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { tsxLoader } from '../../cli/demo/endpoint-control.ts'
import { ActionLog } from '../../policy/action-log.ts'
import { PolicyEngine } from '../../policy/engine.ts'
import type { ReportedAction } from '../../policy/report.ts'
import { reportAction, ReportLines } from '../../policy/report.ts'
import { programMissing, rootMissing, skipUnless } from '../skip.ts'
import { until } from '../until.ts'
import { entry, flow } from './joined.ts'
import { policyOf } from './policy-of.ts'

const folder = mkdtempSync(join(tmpdir(), 'flowledger-policy-'))
afterAll(() => rmSync(folder, { recursive: true }))

const action = { name: 'one', place: 'p.yaml:3' }
const startedUs = 1_799_999_000e6

function engineOf(text: string): { engine: PolicyEngine; told: ReportedAction[] } {
  const told: ReportedAction[] = []
  const outlets = {
    warn: () => undefined,
    stream: (report: ReportedAction) => void told.push(report),
    audit: () => undefined,
  }
  return { engine: new PolicyEngine(policyOf(text), outlets, startedUs), told }
}

describe('an engine', () => {
  const text = `
targets: { first: { type: stream }, second: { type: stream }, off: { type: stream, enabled: false } }
exemptions: ["protocol == 'dns'"]
actions:
  zoom: { criteria: ai:zoom, targets: [first, off], halt_on_match: true }
  weak: { criteria: "risks == 'weak-cipher' && tls_version < 0x0303", targets: [second] }
  never: { criteria: '*', targets: [second], enabled: false }`

  test('asks every action until one halts, and leaves out what is exempt', async () => {
    const { engine, told } = engineOf(text)
    engine.onJoined(flow, entry())
    engine.onJoined({ ...flow, application: 'teams' }, entry({ id: 2 }))
    engine.onJoined({ ...flow, protocol: 'dns' }, entry({ id: 3 }))
    expect(told).toEqual([])
    engine.flush(1_800_000_001e6)
    expect(told.map(({ action: name, target }) => `${name} ${target}`)).toEqual([
      'zoom first',
      'weak second',
    ])
    expect(engine.counters).toMatchObject({ verdicts: 3, exempt: 1 })
    expect([...engine.counters.outcomes]).toEqual([
      ['first done', 1],
      ['second done', 1],
    ])
    await engine.close()
  })

  test('connections from before are neither moved nor reset', async () => {
    const { engine } = engineOf(`
wans: { interfaces: { wan1: 0x100, wan2: 0x200 } }
targets: { move: { type: reroute, wan: wan2 }, cut: { type: reset } }
actions: { all: { criteria: '*', targets: [move, cut] } }`)
    engine.onJoined(flow, entry({ startUs: startedUs - 1 }))
    engine.onJoined(flow, entry({ startUs: 0 }))
    engine.flush(1_800_000_001e6)
    expect(Object.fromEntries(engine.counters.outcomes)).toEqual({
      'cut baseline': 2,
      'move baseline': 2,
    })
    await engine.close()
  })

  test('a report has the flow, the rule and what the verdict rests on', () => {
    const report = reportAction('t', { flow, entry: entry(), action }, 'done', 1_800_000_001e6)
    expect(report).toEqual({
      at: '2027-01-15T08:00:01.000Z',
      action: 'one',
      rule: 'p.yaml:3',
      target: 't',
      outcome: 'done',
      ip_protocol: 6,
      local: '10.0.0.2:40000',
      other: '203.0.113.9:443',
      public: '192.0.2.1:40000',
      zone: 7,
      conntrack_id: 4711,
      protocol: 'tls',
      application: 'zoom',
      hostname: 'zoom.us',
      risks: ['weak-cipher'],
      tls_version: '1.0',
      tls_cipher: '0005',
      confidence: 95,
      evidence: ['packet 4: host-rule: zoom.us'],
    })
    // The action log has the same, made more quickly.
    const lines = new ReportLines()
    const verdict = { flow, entry: entry(), action }
    for (const detail of [undefined, 'say "why"']) {
      const line = lines.line('t', verdict, 'done', 1_800_000_001e6, detail)
      const wanted = reportAction('t', verdict, 'done', 1_800_000_001e6, detail)
      expect(JSON.parse(line)).toEqual(wanted)
    }
  })

  test('a reload asks open connections anew only where it says so', async () => {
    const teams = (rest: string): string => text.replace('ai:zoom', 'ai:teams') + rest
    const asking = '\nreevaluate: true'
    const { engine, told } = engineOf(text + asking)
    engine.onJoined({ ...flow, application: 'teams', risks: [] }, entry())
    engine.flush(0)
    expect(told).toEqual([])
    await engine.reload(policyOf(teams(asking)), 0)
    expect(told.map(({ target }) => target)).toEqual(['first'])
    // Whichever end is called which, the connection is over.
    engine.onEnded({ ipProtocol: 6, local: flow.other, other: flow.local })
    await engine.reload(policyOf(teams(asking)), 0)
    expect(told).toHaveLength(1)
    engine.onJoined(flow, entry())
    await engine.reload(policyOf(text), 0)
    expect([told.length, engine.liveFlows]).toEqual([1, 0])
    await engine.close()
  })
})

describe.skipIf(skipUnless('kernel', rootMissing() ?? programMissing('setpriv')))(
  'a kernel',
  () => {
    const text = `
wans: { interfaces: { wan1: 0x100, wan2: 0x200 } }
baseline: false
targets:
  label: { type: label, labels: [1] }
  mark: { type: mark, mark: 1 }
  move: { type: reroute, wan: wan2 }
  cut: { type: reset }
actions: { all: { criteria: '*', targets: [label, mark, move, cut] } }`
    const child = fileURLToPath(new URL('./engine-child.ts', import.meta.url))
    const run = (...before: string[]): unknown => {
      const argv = [...before, process.execPath, '--import', tsxLoader(), child, text]
      const { stdout, stderr } = spawnSync(argv[0] ?? '', argv.slice(1), { encoding: 'utf8' })
      return stderr === '' ? JSON.parse(stdout) : stderr
    }

    test('that has the entry no more is nothing to speak of', () => {
      const outcomes = ['label vanished', 'mark vanished', 'cut vanished', 'move vanished']
      expect(run()).toEqual({ outcomes, warnings: [] })
    })

    test('that does not let us says so once for each target', () => {
      const outcomes = ['label denied', 'mark denied', 'cut denied', 'move denied']
      const warnings = ['label', 'mark', 'cut', 'move'].map(
        (name) => `Policy: ${name}: the kernel refuses: CAP_NET_ADMIN is needed.`
      )
      expect(run('setpriv', '--bounding-set=-net_admin')).toEqual({ outcomes, warnings })
    })
  }
)

describe('what is told elsewhere', () => {
  test('log files have a line for each connection', async () => {
    const { engine } = engineOf(`
targets: { log: { type: log, path: ${folder}/log, prefix: weak, suffix: .ndjson } }
actions: { all: { criteria: '*', targets: [log] } }`)
    for (const id of [1, 2]) engine.onJoined(flow, entry({ id }))
    engine.flush(1_800_000_001e6)
    await engine.close()
    const [name = '', ...others] = readdirSync(join(folder, 'log'))
    expect(others).toEqual([])
    expect(name).toMatch(/^weak-\d{8}T\d{6}Z\.ndjson$/)
    const lines = readFileSync(join(folder, 'log', name), 'utf8')
      .trimEnd()
      .split('\n')
    expect(lines.map((line) => (JSON.parse(line) as ReportedAction).conntrack_id)).toEqual([1, 2])
  })

  test('a web service gets batches, again where it failed', async () => {
    const bodies: { actions: ReportedAction[] }[] = []
    let failures = 1
    const server = createServer((request, response) => {
      void request
        .setEncoding('utf8')
        .toArray()
        .then((parts: string[]) => {
          const fails = failures-- > 0
          if (!fails) bodies.push(JSON.parse(parts.join('')) as { actions: ReportedAction[] })
          response.writeHead(fails ? 503 : 200).end()
        })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const { engine } = engineOf(`
targets: { hook: { type: webhook, url: 'http://127.0.0.1:${port}/', max_batch: 2 } }
actions: { all: { criteria: '*', targets: [hook] } }`)
    for (const id of [1, 2, 3]) engine.onJoined(flow, entry({ id }))
    engine.flush(1_800_000_001e6)
    await until(() => bodies.length === 2)
    expect(bodies.map(({ actions }) => actions.length)).toEqual([2, 1])
    await engine.close()
    server.close()
  })

  test('the action log keeps what fits, and counts what is lost', async () => {
    const path = join(folder, 'actions')
    const warned: string[] = []
    const report = JSON.stringify(
      reportAction('t', { flow, entry: entry(), action }, 'done', 1_800_000_001e6)
    )
    const log = new ActionLog({ folder: path, keepUs: 3600e6, maxBytes: 128 << 20 }, (text) =>
      warned.push(text)
    )
    for (let i = 0; i < 20_002; i++) log.add(report)
    expect(log.lost).toBe(2)
    await log.close()
    const [name = ''] = readdirSync(path)
    const lines = readFileSync(join(path, name), 'utf8').trimEnd().split('\n')
    expect(lines).toHaveLength(20_000)
    const full = new ActionLog({ folder: '/dev/null/nowhere', keepUs: 1, maxBytes: 1 }, (text) =>
      warned.push(text)
    )
    full.add(report)
    await full.close()
    expect(full.lost).toBe(1)
    expect(warned[0]).toContain('cannot be logged')
  })
})
