import { createServer, connect as connectSocket } from 'node:net'
import type { Socket } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from 'pg'
import { afterEach, beforeAll, afterAll, describe, expect, it } from 'vitest'
import { noNetworks } from '../../model/nat-view.ts'
import { connect } from '../../store/connect.ts'
import { embeddedUrl } from '../../store/database-url.ts'
import { LedgerWriter } from '../../store/ledger-writer.ts'
import type { LedgerCommit } from '../../store/ledger-writer.ts'
import { skipPostgres, usePostgres } from '../postgres.ts'
import { batchOf } from './flow-rows.ts'
import type { TestFlow } from './flow-rows.ts'

const hourUs = 3_600e6
const baseUs = Math.floor((Date.now() * 1000) / hourUs) * hourUs - 48 * hourUs

function flowAt(startUs: number, change: Partial<TestFlow> = {}): TestFlow {
  return {
    source: '10.0.0.7 40000',
    destination: '198.51.100.9 443',
    postNatSource: '192.0.2.1 61284',
    startUs,
    endUs: startUs + 1e6,
    ...change,
  }
}

describe.skipIf(skipPostgres)('the ledger writer', () => {
  const postgres = usePostgres()
  const writers: LedgerWriter[] = []
  let owner: Client

  beforeAll(async () => {
    owner = await connect(postgres.urls.owner)
  })
  afterAll(() => owner.end())
  afterEach(async () => {
    for (const writer of writers.splice(0)) await writer.close()
  })

  async function makeWriter(name: string, url = postgres.urls.collector) {
    const writer = new LedgerWriter(url, noNetworks)
    writers.push(writer)
    const source = await writer.registerSource(name, 'conntrack')
    const commit = (offset: number, flows: readonly TestFlow[], more: Partial<LedgerCommit> = {}) =>
      writer.commit({
        source,
        spool: 's',
        batches: [batchOf(flows)],
        gaps: [],
        cursor: { segment: 1, offset },
        ...more,
      })
    return { writer, source, commit }
  }

  async function rowsOf(source: number): Promise<number> {
    const query = 'select count(*)::int as rows from ledger.flow where source = $1'
    const { rows } = await owner.query<{ rows: number }>(query, [source])
    return rows[0]?.rows ?? -1
  }

  it('finds a source again by its name', async () => {
    const { writer, source } = await makeWriter('again')
    expect(await writer.registerSource('again', 'conntrack')).toBe(source)
    // A number is taken by who is new alone: there are no more than 32 767.
    expect(await writer.registerSource('other', 'import')).toBe(source + 1)
  })

  it('writes rows into hours that it makes, and moves the cursor with them', async () => {
    const { writer, source, commit } = await makeWriter('rows')
    expect(await writer.readCursor(source, 's')).toBeUndefined()
    const flows = [0, 1, 2, 25].map((hours) => flowAt(baseUs + hours * hourUs))
    expect(await commit(10, flows)).toEqual({ rows: 4, refused: {}, clampedCounters: 0 })
    expect(await rowsOf(source)).toBe(4)
    expect(await writer.readCursor(source, 's')).toEqual({ segment: 1, offset: 10 })
  })

  it('writes the rest where some rows are bad', async () => {
    const { writer, source, commit } = await makeWriter('bad rows')
    await writer.readCursor(source, 's')
    const flows = [flowAt(5), flowAt(baseUs), flowAt(baseUs, { endUs: baseUs - 1 })]
    expect((await commit(1, flows)).refused).toEqual({ 'too-old': 1, 'end-before-start': 1 })
    expect((await commit(2, [flowAt(5)])).refused).toEqual({ 'too-old': 1 })
    expect(await rowsOf(source)).toBe(1)
  })

  it('has a gap for rows that only a clock that is behind makes rows of the future', async () => {
    const { writer, source, commit } = await makeWriter('behind')
    await writer.readCursor(source, 's')
    const aheadUs = Math.floor(Date.now() / 1000) * 1e6 + 5 * 24 * hourUs
    const flows = [flowAt(aheadUs, { endUs: aheadUs + 7 }), flowAt(aheadUs + 400 * 24 * hourUs)]
    expect((await commit(1, flows)).refused).toEqual({ 'in-future': 2 })
    const { rows } = await owner.query(
      `select reason, lost::int, (extract(epoch from from_at) * 1e6)::float8 as "fromUs",
         (extract(epoch from to_at) * 1e6)::float8 as "toUs" from ledger.gap where source = $1`,
      [source]
    )
    expect(rows).toEqual([{ reason: 'limit', lost: 1, fromUs: aheadUs, toUs: aheadUs + 7 }])
  })

  it('moves progress forwards only, and keeps the first watch and every gap', async () => {
    const { writer, source, commit } = await makeWriter('progress')
    await writer.readCursor(source, 's')
    const progress = { watermarkUs: baseUs + 9e6, closedThroughUs: baseUs + 8e6 }
    const gaps = [
      { fromUs: baseUs, toUs: baseUs + 1, reason: 'overrun', lost: 12 },
      { fromUs: baseUs + 5, toUs: baseUs + 2, reason: 'clock-step' },
    ] as const
    await commit(1, [], { progress, watchedFromUs: baseUs, gaps })
    const less = { watermarkUs: baseUs + 7e6, closedThroughUs: baseUs + 1e6 }
    await commit(2, [], { progress: less, watchedFromUs: baseUs + 5e6 })
    const { rows } = await owner.query(
      `select extract(epoch from watermark)::float8 as watermark,
         extract(epoch from closed_through)::float8 as closed,
         extract(epoch from watched_from)::float8 as watched,
         (select count(*)::int from ledger.gap g where g.source = s.id and from_at <= to_at) as gaps
       from ledger.source s where id = $1`,
      [source]
    )
    expect(rows).toEqual([
      {
        watermark: (baseUs + 9e6) / 1e6,
        closed: (baseUs + 8e6) / 1e6,
        watched: baseUs / 1e6,
        gaps: 2,
      },
    ])
  })

  it('leaves a gap where a source that lost its spool begins to watch anew', async () => {
    const { writer, source, commit } = await makeWriter('new spool')
    await writer.readCursor(source, 's')
    const progress = { watermarkUs: baseUs + 9e6, closedThroughUs: baseUs + 8e6 }
    await commit(1, [], { progress })
    const later = { watermarkUs: baseUs + 60e6, closedThroughUs: baseUs + 60e6 }
    await commit(2, [], { progress: later, watchedFromUs: baseUs + 60e6 })
    const { rows } = await owner.query(
      `select extract(epoch from from_at)::float8 as from, extract(epoch from to_at)::float8 as to,
         reason, extract(epoch from s.watched_from)::float8 as watched
       from ledger.gap g join ledger.source s on s.id = g.source where s.id = $1`,
      [source]
    )
    expect(rows).toEqual([
      {
        from: (baseUs + 9e6) / 1e6,
        to: (baseUs + 60e6) / 1e6,
        reason: 'down',
        watched: (baseUs + 9e6) / 1e6,
      },
    ])
  })

  it('loses nothing and doubles nothing when its connection is cut in the middle', async () => {
    const { writer, source, commit } = await makeWriter('cut')
    await writer.readCursor(source, 's')
    await commit(1, [flowAt(baseUs)])
    // The partition is locked, so that the COPY is under way for certain when it is cut.
    const name = `ledger.flow_${new Date(baseUs / 1000).toISOString().replace(/\D/g, '').slice(0, 10)}`
    await owner.query('begin')
    await owner.query(`lock table ${name} in access exclusive mode`)
    const failed = commit(2, [flowAt(baseUs), flowAt(baseUs)])
    failed.catch(() => {})
    for (let cut = 0; cut === 0;) {
      const { rowCount } = await owner.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where usename = 'flowledger_collector' and wait_event_type = 'Lock'`
      )
      cut = rowCount ?? 0
    }
    await owner.query('commit')
    await expect(failed).rejects.toMatchObject({ code: 'database-failed' })
    // Without asking the database it goes no further: it cannot know what was committed.
    await expect(commit(2, [flowAt(baseUs)])).rejects.toThrow('The cursor of "s" was not read')
    expect(await writer.readCursor(source, 's')).toEqual({ segment: 1, offset: 1 })
    await commit(2, [flowAt(baseUs), flowAt(baseUs)])
    expect(await rowsOf(source)).toBe(3)
  })

  it('finds out that a commit took place whose answer was lost', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'flowledger-proxy-'))
    const proxy = await startProxy(directory, postgres.server.socketDir)
    try {
      const server = { ...postgres.server, socketDir: directory }
      const url = embeddedUrl(server, 'collector', 'flowledger')
      const { writer, source, commit } = await makeWriter('lost answer', url)
      await writer.readCursor(source, 's')
      await commit(1, [flowAt(baseUs)])
      proxy.loseNextCommit()
      await expect(commit(2, [flowAt(baseUs)])).rejects.toMatchObject({ code: 'database-failed' })
      await expect(commit(2, [flowAt(baseUs)])).rejects.toMatchObject({ code: 'database-failed' })
      const cursor = await writer.readCursor(source, 's')
      expect(cursor, 'it was committed').toEqual({ segment: 1, offset: 2 })
      await commit(3, [flowAt(baseUs)])
      expect(await rowsOf(source)).toBe(3)
    } finally {
      await proxy.close()
      await rm(directory, { recursive: true })
    }
  })

  it('lets no second writer go on from the same cursor', async () => {
    const first = await makeWriter('twice')
    const second = await makeWriter('twice')
    await first.writer.readCursor(first.source, 's')
    await second.writer.readCursor(second.source, 's')
    const results = await Promise.allSettled([
      first.commit(5, [flowAt(baseUs)]),
      second.commit(5, [flowAt(baseUs)]),
    ])
    expect(results.map((result) => result.status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(await rowsOf(first.source)).toBe(1)
    await first.writer.readCursor(first.source, 's')
    await expect(first.commit(4, [])).rejects.toThrow('would move backwards')
  })

  it('writes again into an hour whose partition was dropped', async () => {
    const { writer, source, commit } = await makeWriter('dropped')
    const startUs = baseUs - 100 * hourUs
    await writer.readCursor(source, 's')
    await commit(1, [flowAt(startUs)])
    const name = new Date(startUs / 1000).toISOString().replace(/\D/g, '').slice(0, 10)
    await owner.query(`drop table ledger.flow_${name}`)
    await expect(commit(2, [flowAt(startUs)])).rejects.toMatchObject({ code: 'database-failed' })
    await writer.readCursor(source, 's')
    await commit(2, [flowAt(startUs)])
    expect(await rowsOf(source)).toBe(1)
  })

  it('says where a server cannot be reached, and comes back when it can', async () => {
    const url = postgres.urls.collector.replace(/host=[^&]*/, 'host=%2Fnonexistent')
    const writer = new LedgerWriter(url, noNetworks)
    await expect(writer.registerSource('x', 'import')).rejects.toMatchObject({
      code: 'database-unreachable',
      message: 'PostgreSQL at /nonexistent cannot be reached: there is no such socket.',
    })
  })
})

/** A socket in front of PostgreSQL's that can swallow the answer to a `commit`. */
async function startProxy(directory: string, target: string) {
  let losing = false
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connectSocket(join(target, '.s.PGSQL.5432'))
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
    }
    let swallowing = false
    client.on('data', (bytes) => {
      if (losing && bytes.includes('commit\0')) {
        losing = false
        swallowing = true
      }
      upstream.write(bytes)
    })
    upstream.on('data', (bytes) => {
      if (!swallowing) client.write(bytes)
      // The answer says that the commit is done, and so is the client's connection.
      else client.destroy()
    })
    client.on('close', () => upstream.end())
    upstream.on('close', () => client.destroy())
  })
  await new Promise<void>((resolve) => {
    server.listen(join(directory, '.s.PGSQL.5432'), resolve)
  })
  return {
    loseNextCommit: () => {
      losing = true
    },
    close: () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}
