import fc from 'fast-check'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { plainRules } from '../../model/access-rules.ts'
import { noNetworks } from '../../model/nat-view.ts'
import type { OpenFlows } from '../../model/open-flows.ts'
import type { Slice, SliceQuery } from '../../model/slice.ts'
import { formatInstant } from '../../model/time.ts'
import { makeAccess } from '../../lookup-api/access.ts'
import { makeApp } from '../../lookup-api/app.ts'
import type { AuditEntry } from '../../lookup-api/dependencies.ts'
import { makeReadCoverage, makeReadCoverageOf } from '../../store/coverage-query.ts'
import { openDatabase } from '../../store/database.ts'
import type { Database } from '../../store/database.ts'
import { makeListFlows } from '../../store/flow-list.ts'
import { makeFindManySlices, makeFindSlices } from '../../store/ledger-query.ts'
import { LedgerWriter } from '../../store/ledger-writer.ts'
import { skipPostgres, usePostgres } from '../postgres.ts'
import { batchOf } from '../store/flow-rows.ts'
import type { TestFlow } from '../store/flow-rows.ts'
import { bearers } from './api.ts'
import { makeWorld, slice } from './world.ts'

const hourUs = 3_600e6
/** Three hours ago on the hour: the flows of the ledger lie in the two after it. */
const baseUs = Math.floor((Date.now() * 1000) / hourUs) * hourUs - 3 * hourUs
const nowUs = baseUs + 3 * hourUs

const addresses = ['192.0.2.1', '192.0.2.2', '2001:db8::1'] as const
const ports = [1000, 1001, 1002, 1003] as const

/** The same pseudo-random flows in each run, so that a failure can be looked into. */
function flowsOf(count: number, firstId: number): TestFlow[] {
  let state = 7 + firstId
  const below = (n: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return (state >>> 8) % n
  }
  return Array.from({ length: count }, (_, i) => {
    // Port 1003 is crowded: more slices meet a time than rows of a batch read together.
    const crowded = i % 2 === 0
    const address = crowded ? '192.0.2.1' : (addresses[below(3)] ?? '')
    const startUs = baseUs + (crowded ? below(300) : i * 8) * 1e6
    const v6 = address.includes(':')
    return {
      source: v6 ? `fd00::${below(9)} 999` : `10.0.0.${below(9)} ${1024 + below(99)}`,
      destination: v6 ? '2001:db8:2::9 443' : `198.51.100.${below(3)} ${443 + below(2)}`,
      postNatSource: `${address} ${crowded ? 1003 : (ports[below(4)] ?? 0)}`,
      protocol: below(4) === 0 ? 17 : 6,
      startUs,
      endUs: startUs + below(crowded ? 600 : 90) * 1e6,
      id: BigInt(firstId + i),
      flags: below(3) === 0 ? 1 : 0,
    }
  })
}

const openSlices: readonly Slice[] = Array.from({ length: 90 }, (_, i) =>
  slice(0, 0, {
    source: 'gw1',
    flowId: BigInt(9000 + i),
    open: true,
    inside: `10.0.0.${i % 9} ${2000 + i}`,
    public: `192.0.2.2 ${i < 80 ? 1002 : 1000 + (i % 4)}`,
    startUs: baseUs + (6000 + 10 * i) * 1e6,
    connectionStartUs: baseUs + 6000e6,
    endUs: nowUs,
    lastPacketUs: nowUs,
  })
)

function findOpen(query: SliceQuery): Awaited<ReturnType<OpenFlows['query']>> {
  const { address, port, protocol, fromUs, toUs, limit } = query
  const flows = openSlices.filter(
    (one) =>
      one.public.ip.every((word, i) => word === address[i]) &&
      (port === undefined || port === one.public.port) &&
      (protocol === undefined || protocol === one.protocol) &&
      one.startUs <= toUs &&
      one.endUs >= fromUs
  )
  const progress = { watermarkUs: nowUs - 5e6, closedThroughUs: nowUs - 9e6 }
  return [{ source: 'gw1', flows: flows.slice(0, limit), cut: flows.length > limit, ...progress }]
}

const time = fc.oneof(
  fc.integer({ min: 300, max: 7300 }).map((s) => formatInstant(baseUs + s * 1e6)),
  fc.constantFrom('now', '-3s', 'yesterday', '2026-03-01T12:00:00', '')
)

const question = fc.record(
  {
    ip: fc.constantFrom(...addresses, '192.0.2.77', '300.1.1.1'),
    port: fc.constantFrom(...ports, 65_535, 99_999),
    protocol: fc.constantFrom('tcp', 'udp', 'icmp'),
    at: time,
    tolerance: fc.constantFrom('0s', '1s', '90s', '20m'),
    destination_ip: fc.constantFrom('198.51.100.0', '198.51.100.1', '2001:db8:2::9'),
    destination_port: fc.constantFrom(443, 444),
    case: fc.constantFrom('c1', 'c\u0007'),
    id: fc.constantFrom('twice', 7),
  },
  { requiredKeys: ['ip', 'at'] }
)

const ofGateway1 = flowsOf(900, 1)

/** A question about a flow that is there: its own middle, to the microsecond. */
function exactOf({ postNatSource = '', startUs, endUs }: TestFlow): object {
  const [ip, port] = postNatSource.split(' ')
  return { ip, port: Number(port), at: formatInstant((startUs + endUs) / 2), tolerance: '0s' }
}

const exact = fc.constantFrom(...ofGateway1).map(exactOf)

/** These get each kind of answer in every run; `inferred` is rare, and only where the end is. */
const everyKind: readonly object[] = [
  { ip: '192.0.2.77', port: 1000, at: formatInstant(baseUs + 2000e6), tolerance: '0s' },
  { ip: '192.0.2.77', port: 1000, at: formatInstant(baseUs + 3030e6), tolerance: '0s' },
  { ip: '300.1.1.1', at: formatInstant(baseUs + 2000e6) },
  ...ofGateway1.filter(({ flags }, i) => i % 2 === 1 && flags === 1).map(exactOf),
  ...ofGateway1.slice(0, 60).map(exactOf),
]

interface Body {
  status: number
  verdict?: string
  audit_id?: unknown
}

describe.skipIf(skipPostgres)('a row of a batch', () => {
  const postgres = usePostgres()
  let database: Database
  let app: ReturnType<typeof makeApp>
  let audit: AuditEntry[] = []

  async function fill(name: string, skewUs: number, flows: TestFlow[]): Promise<void> {
    const writer = new LedgerWriter(postgres.urls.collector, noNetworks)
    const source = await writer.registerSource(name, 'conntrack')
    await writer.readCursor(source, 'test')
    const gap = baseUs + 3000e6 + skewUs
    await writer.commit({
      source,
      spool: 'test',
      batches: [batchOf(flows)],
      gaps: [
        { fromUs: gap, toUs: gap + 60e6, reason: 'overrun', lost: 3 },
        { fromUs: gap + 3500e6, toUs: gap + 3501e6, reason: 'clock-step' },
      ],
      progress: { watermarkUs: nowUs - 60e6, closedThroughUs: nowUs - 60e6 },
      watchedFromUs: baseUs - 30e6 + skewUs,
      cursor: { segment: 1, offset: 1 },
    })
    await writer.close()
  }

  beforeAll(async () => {
    await fill('gw1', 0, ofGateway1)
    await fill('gw2', 2e6, flowsOf(300, 5000))
    database = openDatabase(postgres.urls.lookup, 8)
    const world = makeWorld()
    audit = world.audit
    app = makeApp({
      ...world.dependencies,
      ledger: {
        findSlices: makeFindSlices(database),
        readCoverage: makeReadCoverage(database),
        listFlows: makeListFlows(database),
        many: {
          findSlices: makeFindManySlices(database),
          readCoverage: makeReadCoverageOf(database),
        },
      },
      openFlows: {
        query: async (query) => findOpen(query),
        queryAll: async (queries) => queries.map(findOpen),
      },
      access: makeAccess(plainRules, {
        approvals: { use: async () => undefined },
        audit: world.dependencies.audit,
      }),
      nowUs: () => nowUs,
      tokens: { check: async (token) => bearers[token] },
      registry: new Registry(),
      readiness: [],
    })
  })

  afterAll(() => database?.close())

  /** The answer to a question that is asked alone, or its problem. */
  async function single(row: Record<string, unknown>): Promise<Body> {
    const parameters = Object.entries(row).filter(([name]) => name !== 'id')
    const query = new URLSearchParams(
      parameters.map(([name, value]): [string, string] => [name, String(value)])
    )
    const headers = { Authorization: 'Bearer fl_admin' }
    const response = await app.request(`/v1/lookup?${query.toString()}`, { headers })
    const body = (await response.json()) as Omit<Body, 'status'>
    return { ...body, status: response.status }
  }

  async function batch(questions: readonly object[]): Promise<Body[]> {
    const response = await app.request('/v1/lookups', {
      method: 'POST',
      headers: { Authorization: 'Bearer fl_admin', 'Content-Type': 'application/x-ndjson' },
      body: questions.map((one) => JSON.stringify(one)).join('\n'),
    })
    const lines = (await response.text()).trimEnd().split('\n')
    return lines.map((line, i) => {
      const { row, id, status, answer, problem } = JSON.parse(line) as Record<string, unknown>
      expect([row, id]).toEqual([i + 1, (questions[i] as { id?: unknown }).id ?? null])
      return Object.assign({ status: status as number }, answer ?? problem)
    })
  }

  /** The verdicts, and the codes of questions that got none. */
  async function expectSame(questions: readonly object[]): Promise<string[]> {
    const expected: Body[] = []
    for (const one of questions) expected.push(await single({ ...one }))
    const before = audit.length
    const rows = await batch(questions)
    expect(audit.length - before).toBe(questions.length)
    for (const body of [...rows, ...expected]) delete body.audit_id
    expect(rows).toEqual(expected)
    return expected.map(({ verdict, status }) => verdict ?? String(status))
  }

  test('says exactly what the question gets that is asked alone', async () => {
    const kinds = ['400', 'conflict', 'inferred', 'multiple', 'no-data', 'no-match', 'unique']
    expect([...new Set(await expectSame(everyKind))].sort()).toEqual(kinds)
  })

  test('says it to any questions', async () => {
    const questions = fc.array(fc.oneof(question, exact), { minLength: 30, maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(questions, async (asked) => {
        await expectSame(asked)
      }),
      { numRuns: 10, endOnFailure: true }
    )
  })

  test('finds all that meets it where that is more than rows read together', async () => {
    const at = formatInstant(baseUs + 200e6)
    const asked = { ip: '192.0.2.1', port: 1003, at, tolerance: '5m' }
    const alone = await single(asked)
    const rows = await batch(Array.from({ length: 30 }, () => asked))
    delete alone.audit_id
    for (const body of rows) {
      delete body.audit_id
      expect(body).toEqual(alone)
    }
    const flows = (alone as { candidates?: { flows: number }[] }).candidates ?? []
    expect(flows.reduce((sum, one) => sum + one.flows, 0)).toBeGreaterThan(64)
  })
})
