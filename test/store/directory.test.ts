import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DirectoryColumns } from '../../model/directory-sources.ts'
import type { SubscriberKey } from '../../model/identity.ts'
import { connect } from '../../store/connect.ts'
import { openDatabase } from '../../store/database.ts'
import type { Database } from '../../store/database.ts'
import { readCsvDirectory } from '../../store/directory-csv.ts'
import {
  listDirectories,
  listVersions,
  makeFindSubscribers,
  showSubscriber,
} from '../../store/directory-query.ts'
import { readSqlDirectory } from '../../store/directory-sql.ts'
import { loadDirectory } from '../../store/directory-writer.ts'
import { skipPostgres, usePostgres } from '../postgres.ts'

const hourUs = 3600e6
const baseUs = Date.UTC(2026, 2, 1) * 1000
const at = (hours: number): number => baseUs + hours * hourUs

const columns: DirectoryColumns = {
  id: 'no',
  name: 'who',
  shared: 'shared',
  attributes: ['tariff'],
  user: 'login',
  mac: 'macs',
  prefix: 'net',
  circuit_id: 'port',
}
const header = 'no,who,shared,tariff,login,macs,net,port'

describe.skipIf(skipPostgres)('a directory', () => {
  const postgres = usePostgres()
  let database: Database
  let folder: string
  let number = 0

  beforeAll(async () => {
    database = openDatabase(postgres.urls.directory)
    folder = await mkdtemp(join(tmpdir(), 'flowledger-test-'))
  })
  afterAll(async () => {
    await database.close()
    await rm(folder, { recursive: true, force: true })
  })

  async function read(lines: readonly string[], given: DirectoryColumns | 'own' = columns) {
    const path = join(folder, `${++number}.csv`)
    await writeFile(path, `${lines.join('\n')}\n`)
    return await readCsvDirectory(path, {
      columns: given === 'own' ? undefined : given,
      delimiter: ',',
    })
  }

  async function load(
    name: string,
    hour: number,
    lines: readonly string[],
    more: { sinceUs?: number; force?: boolean; columns?: DirectoryColumns; header?: string } = {}
  ) {
    const state = await read([more.header ?? header, ...lines], more.columns)
    return await loadDirectory(database, {
      name,
      kind: 'csv',
      origin: 'test.csv',
      state,
      nowUs: at(hour),
      ...more,
    })
  }

  /** Who is named, as `directory/id name`. */
  async function named(hour: number, ...keys: SubscriberKey[]): Promise<string[]> {
    const found = await makeFindSubscribers(database)(keys, at(hour))
    return found.map(({ directory, id, name = '-' }) => `${directory}/${id} ${name}`)
  }
  const user = (value: string): SubscriberKey => ({ type: 'user', value })
  const prefix = (value: string): SubscriberKey => ({ type: 'prefix', value })

  it('is asked by folded keys', async () => {
    await load('keys', 0, [
      '1,Ann,,fibre,Ann@Example.net,AA-BB-CC-00-00-01 aabb.cc00.0002,10.5.0.0/24,Slot 1/Port 2',
    ])
    const find = makeFindSubscribers(database)
    for (const key of [
      user('aNN@example.NET'),
      { type: 'mac', value: 'aa:bb:cc:00:00:02' },
      prefix('10.5.0.77'),
      prefix('10.5.0.0/25'),
      { type: 'circuit-id', value: 'slot 1/port 2' },
    ] as const) {
      const [found, ...others] = await find([key], at(1))
      expect(found, key.value).toEqual({
        id: '1',
        name: 'Ann',
        attributes: { tariff: 'fibre' },
        directory: 'keys',
        version: expect.any(Number) as number,
        fromUs: at(0),
        toUs: Infinity,
        by: key,
        shared: false,
      })
      expect(others).toEqual([])
    }
    expect(await named(1, user('ann'), prefix('10.6.0.1'), prefix('10.0.0.0/8'))).toEqual([])
    expect(await named(-1, user('ann@example.net')), 'before it was loaded').toEqual([])
    expect(await named(1, { type: 'mac', value: "'; drop" }, prefix('no prefix'))).toEqual([])
  })

  it('names the nearest of nested prefixes, and all that have a key', async () => {
    await load('nested', 0, ['w,Whole,,,,,10.7.0.0/16,', 'c,Customer,,,both,,10.7.1.0/24,'])
    await load('other', 0, ['x,Else,yes,,BOTH,,10.7.0.0/16,'])
    expect(await named(1, prefix('10.7.1.9'))).toEqual(['nested/c Customer', 'other/x Else'])
    expect(await named(1, prefix('10.7.2.9'))).toEqual(['nested/w Whole', 'other/x Else'])
    expect(await named(1, user('both'))).toEqual(['nested/c Customer', 'other/x Else'])
    const [, shared] = await makeFindSubscribers(database)([user('both')], at(1))
    expect(shared?.shared).toBe(true)
  })

  it('has versions: what changed changed, what did not stays', async () => {
    const first = await load('versions', 0, [
      '1,Ann,,,ann,,,p1',
      '2,Bob,,,bob,,,p2',
      '3,Eve,,,eve,,,p3',
    ])
    expect(first).toMatchObject({ records: 3, added: 3, ended: 0, refused: 0 })
    // Ann is called otherwise, Bob has moved to another port, Eve is gone and Dan has her log-in.
    const second = await load('versions', 24, [
      '1,Anne,,,ann,,,p1',
      '2,Bob,,,bob,,,p4',
      '4,Dan,,,eve,,,p3',
    ])
    expect(second).toMatchObject({ records: 3, added: 3, ended: 3 })
    const port = (value: string): SubscriberKey => ({ type: 'circuit-id', value })
    expect(await named(23, user('ann'))).toEqual(['versions/1 Ann'])
    expect(await named(24, user('ann'))).toEqual(['versions/1 Anne'])
    expect(await named(12, user('bob'))).toEqual(['versions/2 Bob'])
    // Between the loads nobody knows when the port and the log-in changed hands.
    expect(await named(0, port('p2'), user('eve'))).toEqual([])
    expect(await named(12, port('p2'), port('p4'), user('eve'))).toEqual([])
    expect(await named(25, port('p2'))).toEqual([])
    expect(await named(25, port('p4'), user('eve'))).toEqual(['versions/2 Bob', 'versions/4 Dan'])
    const third = await load('versions', 48, [
      '1,Anne,,,ann,,,p1',
      '2,Bob,,,bob,,,p4',
      '4,Dan,,,eve,,,p3',
    ])
    expect(third).toMatchObject({ added: 0, ended: 0 })
    await load('versions', 72, ['1,Anne,,,ann,,,p1', '2,Bob,,,bob,,,p4'])
    expect(await named(47, user('eve'))).toEqual(['versions/4 Dan'])
    expect(await named(49, user('eve')), 'gone since the load before').toEqual([])
    const shown = await showSubscriber(database, '1')
    const own = shown.filter(({ directory }) => directory === 'versions')
    expect(own.map(({ name, fromUs, toUs }) => [name, fromUs, toUs])).toEqual([
      ['Ann', at(0), at(24)],
      ['Anne', at(24), Infinity],
    ])
    const versions = (await listVersions(database)).filter((each) => each.directory === 'versions')
    expect(versions.map(({ records, added, ended }) => [records, added, ended])).toEqual([
      [2, 0, 1],
      [3, 0, 0],
      [3, 3, 3],
      [3, 3, 0],
    ])
  })

  it('takes the word of who knows since when it is so', async () => {
    await load('since', 0, ['1,Ann,,,s1,,,', '2,Bob,,,s2,,,'], { sinceUs: at(-1000) })
    expect(await named(-999, user('s1'))).toEqual(['since/1 Ann'])
    await load('since', 24, ['1,Ann,,,s1,,,', '3,Dan,,,s2,,,'], { sinceUs: at(10) })
    expect(await named(9, user('s2'))).toEqual(['since/2 Bob'])
    expect(await named(10, user('s2'))).toEqual(['since/3 Dan'])
    const early = load('since', 48, ['1,Ann,,,s1,,,', '3,Dan,,,s2,,,'], { sinceUs: at(20) })
    await expect(early).rejects.toMatchObject({ code: 'usage' })
  })

  it('takes times from the directory itself, and its corrections', async () => {
    const timed = { ...columns, valid_from: 'from', valid_to: 'to' }
    const more = { columns: timed, header: `${header},from,to` }
    await load(
      'timed',
      0,
      ['1,Ann,,,t1,,,,2026-02-01,', '2,Bob,,,t2,,,,2026-02-01T06:00:00+01:00,'],
      more
    )
    expect(await named(-24 * 27, user('t1'))).toEqual(['timed/1 Ann'])
    await load(
      'timed',
      24,
      [
        '1,Ann,,,t1,,,,2026-02-01,2026-02-15',
        '2,Bob,,,t2,,,,2026-02-01T06:00:00+01:00,',
        '5,Joe,,,t1,,,,2026-02-15,',
      ],
      more
    )
    expect(await named(-24 * 20, user('t1'))).toEqual(['timed/1 Ann'])
    expect(await named(1, user('t1')), 'corrected').toEqual(['timed/5 Joe'])
    const bad = await read([`${header},from,to`, '1,A,,,a,,,,gestern,', '2,B,maybe,,b,,,,,'], timed)
    expect(bad.refused).toEqual({ 'bad-time': 1, 'bad-shared': 1 })
  })

  it('passes over rows that say nothing, and counts them', async () => {
    const state = await read([
      header,
      ',Nobody,,,x,,,',
      '1,Keyless,,,,,,',
      '2,Odd,,,y,zz:zz,10.0.0.1/8,',
      '2,Odd,,,y,zz:zz,10.0.0.1/8,',
    ])
    expect(state).toMatchObject({
      refused: { 'no-id': 1, 'no-key': 1 },
      firstRefused: 1,
      badKeys: 4,
    })
    expect(state.records).toHaveLength(1)
    await expect(load('empty', 0, [])).rejects.toMatchObject({ code: 'directory-invalid' })
    await expect(read(['id,name', '1,a'], 'own')).rejects.toMatchObject({
      code: 'directory-invalid',
    })
    await expect(read(['no,who', '1,a'])).rejects.toMatchObject({ code: 'directory-invalid' })
    const own = await read(['id,name,user', '1,a,b'], 'own')
    expect(own.records[0]).toMatchObject({ id: '1', name: 'a' })
  })

  it('is not emptied by a broken export', async () => {
    const all = Array.from({ length: 10 }, (_, i) => `${i},N${i},,,u${i},,,`)
    await load('shrunk', 0, all)
    await expect(load('shrunk', 1, all.slice(0, 4))).rejects.toMatchObject({
      code: 'directory-shrunk',
    })
    expect(await named(2, user('u9'))).toEqual(['shrunk/9 N9'])
    await load('shrunk', 3, all.slice(0, 5))
    await load('shrunk', 4, all.slice(0, 1), { force: true })
    expect(await named(5, user('u3'))).toEqual([])
    await expect(load('shrunk', 4, all.slice(0, 1))).rejects.toMatchObject({
      code: 'directory-invalid',
    })
  })

  it('can be a query to another database, which may only read', async () => {
    const owner = await connect(postgres.urls.owner)
    await owner.query(`create table public.customers (no int, mail text, line cidr, mac macaddr)`)
    await owner.query(
      `insert into customers values (7, 'Ann@x', '10.8.0.0/24', 'aa:bb:cc:00:00:09'),
         (8, null, null, null)`
    )
    const given = { id: 'no', user: 'mail', prefix: 'line', mac: 'mac' }
    const query = 'select * from customers -- all of them'
    const state = await readSqlDirectory(postgres.urls.owner, { columns: given, query })
    expect(state.records).toHaveLength(1)
    expect(state.records[0]?.keys).toEqual([
      { type: 'user', value: 'ann@x' },
      { type: 'mac', value: 'aa:bb:cc:00:00:09' },
      { type: 'prefix', value: '10.8.0.0/24' },
    ])
    expect(state.refused).toEqual({ 'no-key': 1 })
    const writes = 'with gone as (delete from customers returning *) select * from gone'
    for (const wrong of ['select no from customers', writes, 'select 1; delete from customers']) {
      const asked = readSqlDirectory(postgres.urls.owner, { columns: given, query: wrong })
      await expect(asked, wrong).rejects.toThrow()
    }
    const { rows } = await owner.query('select from customers')
    expect(rows).toHaveLength(2)
    await owner.end()
  })

  it('is listed', async () => {
    await load('listed', 0, ['1,Ann,,,l1,,,'])
    const found = (await listDirectories(database)).find((each) => each.directory === 'listed')
    expect(found).toEqual({ directory: 'listed', kind: 'csv', loadedUs: at(0), records: 1 })
  })
})
