import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { connect } from '../../store/connect.ts'
import { openDatabase } from '../../store/database.ts'
import { embeddedUrl, externalUrls, maskUrl, placeOf } from '../../store/database-url.ts'
import { freePort } from '../free-port.ts'
import { skipPostgres, usePostgres } from '../postgres.ts'
import { until } from '../until.ts'

describe('database URLs', () => {
  it('stand for every log-in that has none of its own', () => {
    expect(externalUrls({})).toBeUndefined()
    const urls = externalUrls({ url: 'postgres://c@db/x', audit_url: 'postgres://a@db/x' })
    expect(urls).toMatchObject({ owner: 'postgres://c@db/x', audit: 'postgres://a@db/x' })
    expect(urls?.lookup).toBe('postgres://c@db/x')
  })

  it.each([
    ['postgres://u:secret@db.example:5433/ledger', 'db.example:5433', 'ledger'],
    ['postgres://u:secret@[2001:db8::1]/ledger', '2001:db8::1:5432', 'ledger'],
    ['postgres:///ledger?host=/run/pg&user=u&password=secret', '/run/pg', 'ledger'],
    ['postgres://u:secret@db', 'db:5432', 'u'],
  ])('%s', (url, place, database) => {
    expect(placeOf(url)).toEqual({ place, user: 'u', database })
    expect(maskUrl(url)).not.toContain('secret')
    expect(maskUrl(url)).toContain(database)
  })
})

describe('a server that cannot be reached', () => {
  it('is named in one sentence without the password', async () => {
    const port = await freePort()
    const url = `postgres://u:secret@127.0.0.1:${port}/ledger`
    await expect(connect(url)).rejects.toMatchObject({
      code: 'database-unreachable',
      exitCode: 4,
      message: `PostgreSQL at 127.0.0.1:${port} cannot be reached: nothing listens there.`,
    })
    const database = openDatabase(url)
    const asked = database.query('ask', { text: 'select 1' })
    await expect(asked).rejects.toMatchObject({ code: 'database-unreachable' })
    await expect(asked).rejects.not.toThrow('secret')
    await database.close()
  })

  it('is no PostgreSQL', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {})
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
    })
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    const { port } = server.address() as AddressInfo
    await expect(connect(`postgres://u@127.0.0.1:${port}/x`)).rejects.toMatchObject({
      code: 'database-unreachable',
    })
    server.close()
  })
})

describe.skipIf(skipPostgres)('a pool', () => {
  const postgres = usePostgres({ migrated: false })

  it('says which database is missing', async () => {
    const url = embeddedUrl(postgres.server, 'owner', 'nowhere')
    await expect(connect(url)).rejects.toMatchObject({
      code: 'database-unreachable',
      message: `PostgreSQL at ${postgres.server.socketDir} has no database "nowhere".`,
      fix: expect.stringContaining('createdb nowhere') as string,
    })
  })

  it('rolls back what fails, and goes on', async () => {
    const database = openDatabase(postgres.urls.owner, 1)
    await database.query('make', { text: 'create table t (a int)' })
    const failed = database.transaction('write', async (client) => {
      await client.query('insert into t values (1)')
      await client.query('select 1 / 0')
    })
    await expect(failed).rejects.toMatchObject({
      code: 'database-failed',
      message: 'The database could not write: division by zero.',
    })
    expect(await database.query('read', { text: 'select * from t' })).toEqual([])
    await database.close()
  })

  it('connects anew after its connections were cut', async () => {
    const database = openDatabase(postgres.urls.owner, 1)
    const [backend] = await database.query<{ pid: number }>('ask', {
      text: 'select pg_backend_pid() as pid',
    })
    const owner = await connect(postgres.urls.owner)
    const cutAll =
      'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()'
    await owner.query(`${cutAll} and usename = current_user and backend_type = 'client backend'`)
    // Once its process is gone, all that it says has been said: the next turn hears of it.
    await until(() => !existsSync(`/proc/${backend?.pid}`))
    await setImmediate()
    await setImmediate()
    expect(await database.query('ask', { text: 'select 1 as one' })).toEqual([{ one: 1 }])
    const slow = database.query('wait', { text: 'select pg_sleep(60)' })
    slow.catch(() => {})
    for (let cut = 0; cut === 0;) {
      const { rowCount } = await owner.query(`${cutAll} and query like 'select pg_sleep%'`)
      cut = rowCount ?? 0
    }
    await expect(slow).rejects.toMatchObject({
      code: 'database-failed',
      message: 'The database could not wait: the connection was lost.',
    })
    await owner.end()
    await database.close()
  })

  it('says that a connection broke between two statements, and the process lives on', async () => {
    const database = openDatabase(postgres.urls.owner, 1)
    const owner = await connect(postgres.urls.owner)
    const work = database.transaction('write', async (client) => {
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
      const gone = new Promise((resolve) => client.once('end', () => resolve(undefined)))
      await owner.query('select pg_terminate_backend($1)', [rows[0]?.pid])
      await gone
      await client.query('select 1')
    })
    await expect(work).rejects.toMatchObject({ code: 'database-failed' })
    expect(await database.query('ask', { text: 'select 1 as one' })).toEqual([{ one: 1 }])
    await owner.end()
    await database.close()
  })
})
