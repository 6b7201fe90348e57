import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noticeExtras } from '../../../collector/nat/extras.ts'
import { RowCopier } from '../../../collector/nat/nat-row.ts'
import { NatTracker } from '../../../collector/nat/tracker.ts'
import { parsePrefix } from '../../../model/address.ts'
import { makeFlowBatch } from '../../../model/flow-batch.ts'
import type { FlowBatch } from '../../../model/flow-batch.ts'
import { noNetworks } from '../../../model/nat-view.ts'
import type { TokenHolder } from '../../../model/principal.ts'
import { openDatabase } from '../../../store/database.ts'
import type { Database } from '../../../store/database.ts'
import { LedgerWriter } from '../../../store/ledger-writer.ts'
import { makeListNatNotices } from '../../../store/nat-event-list.ts'
import { writeNatRows } from '../../../store/nat-rows.ts'
import { SourceList } from '../../../store/source-list.ts'
import { ip, ipfix, noon, set, template, u } from '../../collector/netflow/messages.ts'
import type { FieldSpec } from '../../collector/netflow/messages.ts'
import { Run } from '../../collector/netflow/run.ts'
import { skipPostgres, usePostgres } from '../../postgres.ts'
import { bearers, makeApi, problem } from '../api.ts'
import { makeWorld } from '../world.ts'

/** Notices as VPP tells them: which quota of a host, and the mark that a pool has passed. */
const quota: readonly FieldSpec[] = [
  [323, 8],
  [230, 1],
  [466, 4],
  [473, 4],
  [8, 4],
]
const threshold: readonly FieldSpec[] = [
  [323, 8],
  [230, 1],
  [467, 4],
  [476, 4],
  [283, 4],
]
const at = (second: number): Buffer => u((noon + second) * 1000, 8)
const quotaOf = (second: number, host: string): Buffer =>
  Buffer.concat([at(second), u(13, 1), u(3, 4), u(100, 4), ip(host)])

/** What the datagrams of a gateway become: frames of the spool that hold no slices. */
function natFrames(): FlowBatch[] {
  const frames: FlowBatch[] = []
  const tracker = new NatTracker({
    maxOpen: 100,
    journal: {
      append(_, batch) {
        const copy = makeFlowBatch(batch.length, noticeExtras)
        const copier = new RowCopier(batch, copy)
        for (let row = 0; row < batch.length; row++) copier.copy(row, row)
        copy.length = batch.length
        frames.push(copy)
      },
    },
  })
  const run = new Run()
  run.events = (batch) => tracker.take(batch)
  run.send([
    ipfix({}, set(2, template(256, quota), template(257, threshold))),
    ipfix({}, set(256, quotaOf(1, '10.0.0.7'), quotaOf(1, '10.0.0.8'), quotaOf(2, '10.0.0.7'))),
    ipfix({}, set(257, Buffer.concat([at(3), u(18, 1), u(1, 4), u(90_000, 4), u(4, 4)]))),
  ])
  tracker.flush()
  return frames
}

describe.skipIf(skipPostgres)('GET /v1/nat-events', () => {
  const postgres = usePostgres()
  let lookup: Database
  beforeAll(async () => {
    lookup = openDatabase(postgres.urls.lookup)
    const writer = new LedgerWriter(postgres.urls.collector, noNetworks, writeNatRows)
    const source = await writer.registerSource('cgn1', 'netflow')
    await writer.readCursor(source, 's')
    const rows = { batches: [], natBatches: natFrames(), sourceIds: new Map([[1, source]]) }
    await writer.commit({
      source,
      spool: 's',
      ...rows,
      gaps: [],
      cursor: { segment: 0, offset: 1 },
    })
    await writer.close()
  })
  afterAll(() => lookup.close())

  const reporter: TokenHolder = { name: 'planning', role: 'api-client', rights: ['reports'] }
  const narrow: TokenHolder = {
    name: 'narrow',
    role: 'api-client',
    prefixes: ['192.0.2.0/24'].flatMap((text) => parsePrefix(text) ?? []),
  }
  const tokens = { ...bearers, fl_reports: reporter, fl_narrow: narrow }

  function api() {
    const world = makeWorld()
    const listNatNotices = makeListNatNotices(lookup, new SourceList(lookup))
    return makeApi(world, {
      ledger: { ...world.dependencies.ledger, listNatNotices },
      tokens: { check: async (token) => tokens[token as keyof typeof tokens] },
    })
  }
  const day = 'from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z'
  const list = async (more = '', token = 'fl_admin') =>
    (await (await api().get(`/v1/nat-events?${day}${more}`, token)).json()) as {
      nat_events: Record<string, unknown>[]
      withheld: boolean
      next: string | null
    }

  test('tells which limit was met, what it was, and whom it was about', async () => {
    const { nat_events: events, withheld } = await list()
    expect(withheld).toBe(false)
    expect(events).toHaveLength(4)
    expect(events[0]).toEqual({
      at: '2026-03-01T12:00:01.000Z',
      source: 'cgn1',
      event: 'quota-exceeded',
      event_number: 13,
      limit: 'max-entries-per-user',
      limit_number: 3,
      configured_limit: 100,
      protocol: null,
      vrf: 0,
      inside_ip: '10.0.0.7',
      public_ip: null,
      user_name: null,
      pool: null,
    })
    expect(events[3]).toMatchObject({
      event: 'threshold-reached',
      limit: 'address-pool-high-threshold',
      configured_limit: 90_000,
      inside_ip: null,
      pool: 'pool 4',
    })
  })

  test('is read page by page, each event once, also those of one instant', async () => {
    const seen: unknown[] = []
    let next: string | null = ''
    while (next !== null) {
      const page: Awaited<ReturnType<typeof list>> = await list(
        `&limit=1${next === '' ? '' : `&cursor=${next}`}`
      )
      seen.push(...page.nat_events)
      next = page.next
    }
    expect(seen).toEqual((await list()).nat_events)
    expect((await problem(await api().get('/v1/nat-events?cursor=x'))).status).toBe(400)
  })

  test('is chosen by event, source and pool', async () => {
    const count = async (more: string) => (await list(more)).nat_events.length
    expect(await count('&event=threshold-reached')).toBe(1)
    expect(await count('&event=ports-exhausted')).toBe(0)
    expect(await count('&source=cgn1&pool=pool%204')).toBe(1)
    expect(await count('&source=cgn2')).toBe(0)
    expect((await problem(await api().get('/v1/nat-events?event=quota'))).status).toBe(400)
  })

  test('names nobody to who may read reports alone, or asks for some addresses', async () => {
    for (const token of ['fl_reports', 'fl_narrow']) {
      const { nat_events: events, withheld } = await list('', token)
      expect([withheld, events.map((one) => one['inside_ip'])]).toEqual([
        true,
        [null, null, null, null],
      ])
    }
    expect((await problem(await api().get('/v1/nat-events', 'fl_auditor'))).status).toBe(403)
  })

  test('is in the audit', async () => {
    const one = api()
    await one.get(`/v1/nat-events?${day}`)
    const entries = one.world.audit.map(({ action, detail }) => [action, detail['rows']])
    expect(entries).toEqual([['nat-events', 4]])
  })
})
