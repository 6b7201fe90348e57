import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDatabase } from '../../store/database.ts'
import type { Database } from '../../store/database.ts'
import { IdentityWriter } from '../../store/identity-writer.ts'
import { skipPostgres, usePostgres } from '../postgres.ts'
import { eventOf } from './identity-events.ts'
import type { TestEvent } from './identity-events.ts'
import { at, m1, m2, makeSource, nothing } from './identity-fixture.ts'

describe.skipIf(skipPostgres)('who held what', () => {
  const postgres = usePostgres()
  let database: Database

  beforeAll(() => {
    database = openDatabase(postgres.urls.identity)
  })
  afterAll(() => database.close())

  it('goes on from write to write', async () => {
    const { write, held } = makeSource(database)
    await write({ what: 'start', at: 0, until: 60, mac: m1 })
    expect(await held()).toEqual([`${m1} 0..0..60?`])
    await write({ at: 30, until: 90, mac: m1 })
    expect(await held()).toEqual([`${m1} 0..30..90?`])
    await write({ what: 'end', at: 45, mac: m1 })
    expect(await held()).toEqual([`${m1} 0..45..45`])
    await write({ what: 'start', at: 100, until: 160, mac: m1 })
    expect(await held()).toEqual([`${m1} 0..45..45`, `${m1} 100..100..160?`])
  })

  it('changes nothing when the same is written again, by another writer, in another order', async () => {
    const one = makeSource(database)
    const given: TestEvent[] = [
      { what: 'start', at: 0, until: 60, mac: m1 },
      { at: 30, until: 90, mac: m1 },
      { what: 'end', at: 80, mac: m1 },
      { what: 'start', at: 85, until: 145, mac: m2 },
      { what: 'start', at: 200, until: 260, mac: m1 },
    ]
    await one.write(...given)
    const rows = async (): Promise<unknown> =>
      await database.query('read', {
        text: `select h.*, h.xmin::text from identity.holding h join identity.source s
               on s.id = h.source where s.name = $1 order by h.id`,
        values: [one.name],
      })
    const before = await rows()
    await one.write(...given)
    const again = new IdentityWriter(database, { name: one.name, kind: 'dhcpd' })
    for (const event of given.toReversed()) {
      await again.write([eventOf({ prefix: one.address, ...event })], {
        atUs: at(0),
        counters: nothing,
      })
    }
    expect(await rows()).toEqual(before)
    expect(await one.held()).toEqual([
      `${m1} 0..80..80`,
      `${m2} 85..85..145?`,
      `${m1} 200..200..260?`,
    ])
  })

  it('lets the next holder of the address bound the one before, in any order', async () => {
    const forwards = makeSource(database)
    await forwards.write({ what: 'start', at: 0, mac: m1 }, { at: 10, mac: m1 })
    await forwards.write({ what: 'start', at: 50, mac: m2 })
    const expected = [`${m1} 0..10..50?`, `${m2} 50..50..Infinity?`]
    expect(await forwards.held()).toEqual(expected)
    const backwards = makeSource(database)
    await backwards.write({ what: 'start', at: 50, mac: m2 })
    await backwards.write({ at: 10, mac: m1 })
    await backwards.write({ what: 'start', at: 0, mac: m1 })
    expect(await backwards.held()).toEqual(expected)
    const atOnce = makeSource(database)
    await atOnce.write(
      { what: 'start', at: 50, mac: m2 },
      { what: 'start', at: 0, mac: m1 },
      { at: 10, mac: m1 }
    )
    expect(await atOnce.held()).toEqual(expected)
  })

  it('bounds an end that was only inferred', async () => {
    const { write, held } = makeSource(database)
    await write({ at: 0, until: 60, mac: m1 }, { what: 'end', at: 60, sure: 0, mac: m1 })
    expect(await held()).toEqual([`${m1} ~0..0..60?`])
    await write({ at: 20, until: 80, mac: m2 })
    const bound = [`${m1} ~0..0..20?`, `${m2} ~20..20..80?`]
    expect(await held()).toEqual(bound)
    await write({ at: 20, until: 80, mac: m2 }, { what: 'end', at: 60, sure: 0, mac: m1 })
    expect(await held()).toEqual(bound)
  })

  it('does not stretch one holder over another', async () => {
    for (const apart of [true, false]) {
      const { write, held } = makeSource(database, 'neighbours')
      const seen: TestEvent[] = [
        { kind: 'neighbour', at: 0, mac: m1 },
        { kind: 'neighbour', at: 50, mac: m2 },
        { kind: 'neighbour', at: 90, mac: m1 },
      ]
      if (apart) for (const each of seen) await write(each)
      else await write(...seen)
      expect(await held()).toEqual([
        `${m1} ~0..0..50?`,
        `${m2} ~50..50..90?`,
        `${m1} ~90..90..Infinity?`,
      ])
    }
  })

  it('keeps both where two are seen at once: that is a conflict and stays one', async () => {
    const { write, held } = makeSource(database, 'neighbours')
    await write(
      { kind: 'neighbour', what: 'start', at: 0, mac: m1 },
      { at: 60, mac: m1, kind: 'neighbour' }
    )
    await write({ kind: 'neighbour', at: 30, mac: m2 })
    expect(await held()).toEqual([`${m1} 0..60..Infinity?`, `${m2} ~30..30..Infinity?`])
  })

  it('keeps sources apart, and several log-ins from one address', async () => {
    const one = makeSource(database)
    const other = makeSource(database)
    await one.write({ what: 'start', at: 0, until: 100, mac: m1 })
    await other.write({ what: 'start', at: 50, until: 150, mac: m2, prefix: one.address })
    expect(await one.held()).toEqual([`${m1} 0..0..100?`, `${m2} 50..50..150?`])
    const log = makeSource(database, 'logins')
    await log.write(
      { kind: 'login', at: 0, key: 'a', user: 'ann' },
      { kind: 'login', at: 10, key: 'b', user: 'bob' }
    )
    expect(await log.held()).toEqual(['ann ~0..0..Infinity?', 'bob ~10..10..Infinity?'])
  })

  it('never puts two users or devices together, whatever the key says', async () => {
    const { write, held } = makeSource(database, 'radius')
    const session = { kind: 'session', key: 'same', nas: 'n' } as const
    await write({ ...session, what: 'start', at: 0, user: 'ann' })
    await write({ ...session, at: 30, user: 'bob' }, { ...session, at: 40, user: 'bob' })
    await write({ ...session, at: 20, user: 'ann' })
    expect(await held()).toEqual(['ann 0..20..30?', 'bob ~30..40..Infinity?'])
  })

  it('ends with a Stop without an address all that the session held', async () => {
    const { write, held, address } = makeSource(database, 'radius')
    const session = { kind: 'session', key: 's', nas: 'n', user: 'ann' } as const
    const second = address.replace(/7$/, '8')
    await write({ ...session, what: 'start', at: 0 }, { ...session, at: 10, prefix: second })
    await write({ ...session, at: 20 }, { ...session, what: 'end', at: 30, prefix: null })
    expect(await held()).toEqual(['ann 0..20..30?'])
    expect(await held(second)).toEqual(['ann ~10..10..30?'])
  })

  it('ends at a restart what its NAS held', async () => {
    const { write, held, address } = makeSource(database, 'radius')
    const other = address.replace(/7$/, '8')
    await write(
      { kind: 'session', what: 'start', at: 0, key: 'a', user: 'ann', nas: 'n1' },
      { kind: 'session', what: 'start', at: 0, key: 'b', user: 'bob', nas: 'n2', prefix: other }
    )
    await write({ kind: 'session', what: 'restart', at: 20, key: 'n1', nas: 'n1', prefix: null })
    expect(await held()).toEqual(['ann 0..0..20?'])
    expect(await held(other)).toEqual(['bob 0..0..Infinity?'])
    await write({ kind: 'session', at: 10, key: 'a', user: 'ann', nas: 'n1' })
    await write({ kind: 'session', at: 30, key: 'a', user: 'ann', nas: 'n1' })
    expect(await held()).toEqual(['ann 0..10..20?', 'ann ~30..30..Infinity?'])
    await write({ kind: 'session', what: 'restart', at: 40, key: '', prefix: null })
    expect(await held(other)).toEqual(['bob 0..0..40?'])
  })

  it('knows a restart that was told before what it ended', async () => {
    const { write, held } = makeSource(database, 'radius')
    await write({ kind: 'session', what: 'restart', at: 20, key: 'n1', nas: 'n1', prefix: null })
    await write({ kind: 'session', what: 'start', at: 0, key: 'a', user: 'ann', nas: 'n1' })
    await write({ kind: 'session', what: 'start', at: 30, key: 'b', user: 'bob', nas: 'n1' })
    expect(await held()).toEqual(['ann 0..0..20?', 'bob 30..30..Infinity?'])
  })

  it('takes texts that a database does not like', async () => {
    const { writer, address, held } = makeSource(database)
    const event = eventOf({
      what: 'start',
      at: 0,
      until: 60,
      prefix: address,
      user: 'a\0b\t\\.\n"{}',
    })
    const device = { mac: 'no mac at all', hostname: 'h'.repeat(5000) }
    await writer.write([{ ...event, device }], { atUs: at(0), counters: nothing })
    await writer.write([eventOf({ at: 5, until: 65, prefix: address, user: 'a\0b\t\\.\n"{}' })], {
      atUs: at(0),
      counters: nothing,
    })
    expect(await held()).toEqual(['a\u{fffd}b\t\\.\n"{} 0..5..65?'])
  })

  it('is not another source by the same name', async () => {
    const { write, name } = makeSource(database)
    await write({ at: 0 })
    const other = new IdentityWriter(database, { name, kind: 'kea' })
    await expect(other.write([], { atUs: at(0), counters: nothing })).rejects.toMatchObject({
      code: 'usage',
    })
  })

  it('lets two writers of one source work side by side', async () => {
    const one = makeSource(database)
    const two = new IdentityWriter(database, { name: one.name, kind: 'dhcpd' })
    const all = Array.from({ length: 40 }, (_, i) =>
      eventOf({ at: i, until: i + 60, mac: m1, prefix: one.address })
    )
    await Promise.all(
      all.map((event, i) =>
        (i % 2 === 0 ? one.writer : two).write([event], { atUs: at(0), counters: nothing })
      )
    )
    expect(await one.held()).toEqual([`${m1} ~0..39..99?`])
  })
})
