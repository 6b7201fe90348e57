import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Registry } from 'prom-client'
import { plainRules } from '../../model/access-rules.ts'
import { requireAddress } from '../../model/address.ts'
import { makeFlowBatch } from '../../model/flow-batch.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { noNetworks } from '../../model/nat-view.ts'
import { formatInstant } from '../../model/time.ts'
import { makeAccess } from '../../lookup-api/access.ts'
import { makeApp } from '../../lookup-api/app.ts'
import { answerSchema, auditPageSchema, flowPageSchema } from '../../lookup-api/contract.ts'
import type { Answer } from '../../lookup-api/contract.ts'
import { startServer } from '../../lookup-api/server.ts'
import type { RunningServer } from '../../lookup-api/server.ts'
import { ApprovalStore } from '../../store/approvals.ts'
import { AuditWriter, listAudit } from '../../store/audit.ts'
import { makeReadCoverage } from '../../store/coverage-query.ts'
import { openDatabase } from '../../store/database.ts'
import type { Database } from '../../store/database.ts'
import { makeListFlows } from '../../store/flow-list.ts'
import { makeFindSlices } from '../../store/ledger-query.ts'
import { LedgerWriter } from '../../store/ledger-writer.ts'
import { checkToken, createToken } from '../../store/tokens.ts'
import { skipPostgres, usePostgres } from '../postgres.ts'

/** Two hours ago on the hour, in microseconds; the flows lie around it. */
const baseUs = (Math.floor(Date.now() / 3_600_000) - 2) * 3_600_000_000
const at = (seconds: number): number => baseUs + seconds * 1e6

type EndName =
  | 'sourceAddress'
  | 'destinationAddress'
  | 'postNatSourceAddress'
  | 'postNatDestinationAddress'

function setAddress(batch: FlowBatch, name: EndName, row: number, text: string): void {
  batch.columns[name].set(requireAddress(text), 4 * row)
}

/** Adds a source-NATed TCP connection of [start, end] seconds. */
function addFlow(
  batch: FlowBatch,
  inside: string,
  remote: string,
  start: number,
  end: number
): void {
  const row = batch.length++
  const { columns } = batch
  setAddress(batch, 'sourceAddress', row, inside)
  setAddress(batch, 'postNatSourceAddress', row, '192.0.2.1')
  setAddress(batch, 'destinationAddress', row, remote)
  setAddress(batch, 'postNatDestinationAddress', row, remote)
  columns.sourceTransportPort[row] = 1000 + row
  columns.postNaptSourceTransportPort[row] = 2000
  columns.destinationTransportPort[row] = 443
  columns.postNaptDestinationTransportPort[row] = 443
  columns.protocolIdentifier[row] = 6
  columns.flowId[2 * row] = row + 1
  columns.connectionStart[row] = at(start)
  columns.flowStartMicroseconds[row] = at(start)
  columns.flowEndMicroseconds[row] = at(end)
  columns.lastPacket[row] = at(end)
  columns.octetDeltaCount[2 * row] = 100
  columns.flowEndReason[row] = 3
}

describe.skipIf(skipPostgres)('with the ledger in PostgreSQL', () => {
  const postgres = usePostgres()
  const databases: Database[] = []
  let server: RunningServer
  let token = ''

  async function fill(): Promise<void> {
    const writer = new LedgerWriter(postgres.urls.collector, noNetworks)
    const source = await writer.registerSource('gw', 'conntrack')
    await writer.readCursor(source, 'test')
    const batch = makeFlowBatch(8)
    addFlow(batch, '10.0.0.1', '198.51.100.1', 0, 60)
    addFlow(batch, '10.0.0.2', '198.51.100.2', 30, 90)
    await writer.commit({
      source,
      spool: 'test',
      batches: [batch],
      gaps: [{ fromUs: at(600), toUs: at(660), reason: 'overrun', lost: 7 }],
      progress: { watermarkUs: at(3600), closedThroughUs: at(3600) },
      watchedFromUs: at(-3600),
      cursor: { segment: 0, offset: 1 },
    })
    await writer.close()
  }

  beforeAll(async () => {
    await fill()
    const ledger = openDatabase(postgres.urls.lookup)
    const access = openDatabase(postgres.urls.audit)
    databases.push(ledger, access)
    const audit = new AuditWriter(access, postgres.dataDir)
    token = await createToken(access, { name: 'desk', role: 'administrator' })
    const app = makeApp({
      ledger: {
        findSlices: makeFindSlices(ledger),
        readCoverage: makeReadCoverage(ledger),
        listFlows: makeListFlows(ledger),
      },
      openFlows: { query: async () => [] },
      audit: {
        appendAudit: (entry) => audit.appendAudit(entry),
        listAudit: (page) => listAudit(access, page),
      },
      access: makeAccess(plainRules, { approvals: new ApprovalStore(access), audit }),
      tokens: { check: (given) => checkToken(access, given) },
      registry: new Registry(),
      readiness: [],
      nowUs: () => Date.now() * 1000,
      version: 'test',
    })
    server = await startServer({ listen: '127.0.0.1:0', app })
  })

  afterAll(async () => {
    await server?.close()
    await Promise.all(databases.map((database) => database.close()))
  })

  const get = (path: string): Promise<Response> =>
    fetch(`http://${server.address}${path}`, { headers: { Authorization: `Bearer ${token}` } })

  async function ask(seconds: number, more = ''): Promise<Answer> {
    const time = formatInstant(at(seconds))
    const path = `/v1/lookup?ip=192.0.2.1&port=2000&at=${time}&tolerance=1s${more}`
    return answerSchema.parse(await (await get(path)).json())
  }

  test.each<[seconds: number, more: string, verdict: string, hosts: string[]]>([
    [-10, '', 'no-match', []],
    [10, '', 'unique', ['10.0.0.1']],
    [45, '', 'multiple', ['10.0.0.1', '10.0.0.2']],
    [45, '&destination_ip=198.51.100.2', 'unique-after-destination', ['10.0.0.2']],
    [45, '&destination_ip=198.51.100.3', 'no-match', []],
    [45, '&protocol=udp', 'no-match', []],
    [80, '', 'unique', ['10.0.0.2']],
    [90.5, '', 'inferred', ['10.0.0.2']],
    [100, '', 'no-match', []],
    [630, '', 'no-data', []],
    [3700, '', 'no-data', []],
    [-7200, '', 'no-data', []],
  ])('at %d s%s: %s', async (seconds, more, verdict, hosts) => {
    const said = await ask(seconds, more)
    expect(said.verdict).toBe(verdict)
    expect(said.candidates.map(({ inside }) => inside.ip).sort()).toEqual(hosts)
  })

  test('a token that nobody has is refused', async () => {
    const headers = { Authorization: `Bearer fl_${'x'.repeat(43)}` }
    const response = await fetch(`http://${server.address}/v1/coverage`, { headers })
    expect(response.status).toBe(401)
  })

  test('rows and audit by pages', async () => {
    const from = formatInstant(at(-60))
    const first = await get(`/v1/flows?limit=1&from=${from}`)
    const page = flowPageSchema.parse(await first.json())
    expect(page.flows.map(({ inside }) => inside.ip)).toEqual(['10.0.0.1'])
    const next = /^<(.*)>; rel="next"$/.exec(first.headers.get('Link') ?? '')?.[1] ?? ''
    const second = flowPageSchema.parse(await (await get(next)).json())
    expect(second.flows.map(({ inside }) => inside.ip)).toEqual(['10.0.0.2'])
    expect(second.next).toBeNull()
    const audit = auditPageSchema.parse(await (await get('/v1/audit?limit=3')).json())
    expect(audit.entries[0]).toMatchObject({ actor: 'token:desk', action: 'flows' })
    expect((await get('/v1/flows?cursor=nonsense')).status).toBe(400)
  })

  test('a batch writes its audit side by side', async () => {
    const rows = Array.from({ length: 40 }, (_, i) =>
      JSON.stringify({ id: i, ip: '192.0.2.1', port: 2000, at: formatInstant(at(10)) })
    )
    const response = await fetch(`http://${server.address}/v1/lookups`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/x-ndjson' },
      body: rows.join('\n'),
    })
    const results = (await response.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: number; answer: Answer })
    expect(results.map(({ id }) => id)).toEqual(rows.map((_, i) => i))
    const ids = results.map(({ answer }) => answer.audit_id)
    expect(new Set(ids).size).toBe(rows.length)
    for (const { answer } of results) expect(answer.verdict).toBe('unique')
  })
})
