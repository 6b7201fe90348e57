import type { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import { noNetworks } from '../../model/nat-view.ts'
import { openDatabase } from '../../store/database.ts'
import { IdentityWriter } from '../../store/identity-writer.ts'
import { LedgerWriter } from '../../store/ledger-writer.ts'
import { skipPostgres, usePostgres } from '../postgres.ts'
import { until } from '../until.ts'
import { eventOf } from './identity-events.ts'
import { at, m1, nothing } from './identity-fixture.ts'
import { useLogIns } from './log-ins.ts'

const logIn = useLogIns()

/**
 * Waits until so many connections of a log-in wait for what others hold.
 *
 * @param watcher in no transaction, in which it would see the connections that were there at first
 */
async function untilWaiting(watcher: Client, login: string, count: number): Promise<void> {
  await until(async () => {
    const { rowCount } = await watcher.query(
      `select from pg_stat_activity
       where usename = 'flowledger_' || $1 and wait_event_type = 'Lock'`,
      [login]
    )
    return rowCount === count
  })
}

describe.skipIf(skipPostgres)('writers that begin at the same time', () => {
  const postgres = usePostgres()

  it('find the source that another one makes', async () => {
    const owner = await logIn(postgres.urls.owner)
    const watcher = await logIn(postgres.urls.owner)
    const writer = new LedgerWriter(postgres.urls.collector, noNetworks)
    await owner.query('begin')
    await owner.query("insert into ledger.source (name, kind) values ('both', 'import')")
    const registered = writer.registerSource('both', 'import')
    registered.catch(() => {})
    await untilWaiting(watcher, 'collector', 1)
    await owner.query('commit')
    const { rows } = await owner.query("select id from ledger.source where name = 'both'")
    expect([{ id: await registered }]).toEqual(rows)
    await writer.close()
  })

  it('wait for each other in one order, whatever lengths of prefixes they are first to tell', async () => {
    const owner = await logIn(postgres.urls.owner)
    const watcher = await logIn(postgres.urls.owner)
    const database = openDatabase(postgres.urls.identity)
    const write = async (name: string, ...lengths: number[]): Promise<void> => {
      const prefixes = lengths.map((length) => `10.0.0.0/${length}`)
      const events = prefixes.map((prefix) => eventOf({ at: 0, mac: m1, prefix }))
      const writer = new IdentityWriter(database, { name, kind: 'dhcpd' })
      await writer.write(events, { atUs: at(1), counters: nothing })
    }
    await owner.query('begin')
    await owner.query('insert into identity.prefix_length values (4, 10), (4, 11)')
    // Each has told a length that the other one tells last, and waits for what nobody has told yet.
    const writing = Promise.allSettled([write('one', 20, 10, 24), write('other', 24, 11, 20)])
    await untilWaiting(watcher, 'identity', 2)
    await owner.query('rollback')
    const fulfilled = { status: 'fulfilled', value: undefined }
    expect(await writing).toEqual([fulfilled, fulfilled])
    await database.close()
  })
})
