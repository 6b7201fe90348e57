import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { v4MappedWord } from '../model/address.ts'
import type { AddressWords, Prefix } from '../model/address.ts'
import type { IdentityEvent } from '../model/identity.ts'
import { connect } from '../store/connect.ts'
import { embeddedUrls } from '../store/database-url.ts'
import { openDatabase } from '../store/database.ts'
import { startEmbedded } from '../store/embedded.ts'
import { makeFindHoldings, makeHoldingsOf } from '../store/identity-query.ts'
import { IdentityWriter } from '../store/identity-writer.ts'
import { migrateToLatest } from '../store/migrate.ts'
import { makeRandom } from './random-flows.ts'

/**
 * Folding statements into holdings, and look-ups over millions of them. Leases: each of some
 * thousands of addresses changes hands again and again most of the time renewed twice
 * before; every tenth is released. Times are those of the process that asks, PostgreSQL included.
 *
 * npx tsx bench/identity-store.ts [--holdings 1000000,5000000] [--addresses 20000] [--batch 10000]
 */
const { values } = parseArgs({
  options: {
    holdings: { type: 'string', default: '1000000,5000000' },
    addresses: { type: 'string', default: '20000' },
    batch: { type: 'string', default: '10000' },
    lookups: { type: 'string', default: '3000' },
    gist: { type: 'boolean', default: false },
  },
})
const steps = values.holdings.split(',').map(Number)
const addresses = Number(values.addresses)
const batch = Number(values.batch)
const lookups = Number(values.lookups)
/** How often each address changes hands while the fold is measured. */
const folded = 2

/** How long one holder has an address: a day and a half, in leases of three quarters of a day. */
const holdUs = 129_600e6
const turnsInAll = Math.ceil((steps.at(-1) ?? 1) / addresses)
const spanUs = holdUs * (turnsInAll + 4 * folded)
const firstUs = Date.now() * 1000 - spanUs
const random = makeRandom(4711)

const dataDir = await mkdtemp(join(tmpdir(), 'flowledger-bench-'))
const server = await startEmbedded(dataDir)
const urls = embeddedUrls(server)
await migrateToLatest(urls.owner, server.credentials)
const owner = await connect(urls.owner)
const database = openDatabase(urls.identity, 1)

const ones = 0xffffffff
const masks: AddressWords = [ones, ones, ones, ones]
const wordOf = (place: number): number => (0x0a000000 + place) >>> 0
const prefixOf = (place: number): Prefix => ({
  words: [0, 0, v4MappedWord, wordOf(place)],
  masks,
  length: 128,
})

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')

function macOf(client: number): string {
  const digits = hex(0x020000000000 + client, 12)
  return digits.match(/../g)?.join(':') ?? ''
}

/** The statements about one holding: lent, renewed twice, perhaps released. */
function holding(place: number, turn: number, into: IdentityEvent[]): void {
  const startUs = firstUs + turn * holdUs + (place % 1000) * 1000
  const third = Math.floor(holdUs / 3)
  // The same each time, so that it can be said again.
  const client = ((turn * addresses + place) * 2_654_435_761) % (addresses * 20)
  const mac = macOf(client)
  const base = {
    kind: 'lease' as const,
    prefix: prefixOf(place),
    key: `10.${place}|${mac}`,
    device: { mac, clientId: `01${mac.replaceAll(':', '')}`, hostname: `host-${client}` },
    record: `dhcpd.leases:${turn * 100 + place}`,
  }
  for (const renewal of [0, 1, 2]) {
    const atUs = startUs + renewal * third
    const what = renewal === 0 ? ('start' as const) : ('alive' as const)
    into.push({ ...base, what, atUs, untilUs: atUs + Math.floor(third * 1.5) })
  }
  if (client % 10 === 0) into.push({ ...base, what: 'end', atUs: startUs + holdUs - 2e6 })
}

/** Holdings as the fold leaves them, made by PostgreSQL itself: look-ups need many of them. */
async function fillAtOnce(source: number, fromTurn: number, toTurn: number): Promise<void> {
  await owner.query(
    `insert into identity.holding (id, source, key, kind, prefix, start_at, alive_at, until_at,
       end_at, end_week, start_known, stop_told, weak, first_record, last_record, mac, client_id,
       hostname)
     select nextval('identity.holding_id'), $1, md5(turn || ' ' || place)::uuid, 'lease',
       ('10.0.0.0'::inet + place)::cidr, t.at, t.at + interval '24 hours',
       t.at + interval '42 hours', t.at + interval '36 hours',
       floor(date_part('epoch', t.at + interval '36 hours') / 604800), true, false, false,
       'dhcpd.leases:1', 'dhcpd.leases:2',
       ('02' || lpad(to_hex(((turn * $4 + place) * 2654435761) % ($4 * 20)), 10, '0'))::macaddr,
       '0102000000', 'host'
     from generate_series($2::int8, $3::int8 - 1) turn, generate_series(0, $4::int8 - 1) place,
       lateral (select to_timestamp(($5::float8 + turn * $6) / 1e6) as at) t`,
    [source, fromTurn, toTurn, addresses, firstUs, holdUs]
  )
}

/** Processor time of the one connection that writes, in seconds (proc(5), stat: 100 ticks each). */
async function serverSeconds(): Promise<number> {
  const text = 'select pg_backend_pid() as pid'
  const rows = await database.query<{ pid: number }>('say which process it is', { text })
  const stat = await readFile(`/proc/${rows[0]?.pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

interface Written {
  events: number
  seconds: number
}

/** Folds turns of all addresses; a log has them in the order of time, so a batch is of one turn. */
async function fill(writer: IdentityWriter, fromTurn: number, toTurn: number): Promise<Written> {
  let waiting: IdentityEvent[] = []
  let events = 0
  const from = performance.now()
  const write = async (): Promise<void> => {
    const counters = { read: waiting.length * 9, unknown: 0, refused: 0 }
    const cursor = { file: 'dhcpd.leases', key: 'bench', offset: events }
    await writer.write(waiting, { atUs: waiting.at(-1)?.atUs ?? 0, counters, cursor })
    events += waiting.length
    waiting = []
  }
  for (let turn = fromTurn; turn < toTurn; turn++) {
    const ofTurn: IdentityEvent[] = []
    for (let place = 0; place < addresses; place++) holding(place, turn, ofTurn)
    ofTurn.sort((a, b) => a.atUs - b.atUs)
    for (const event of ofTurn) {
      waiting.push(event)
      if (waiting.length >= batch) await write()
    }
  }
  if (waiting.length > 0) await write()
  return { events, seconds: (performance.now() - from) / 1000 }
}

async function timed(count: number, work: () => Promise<unknown>): Promise<string> {
  const times: number[] = []
  for (let i = 0; i < count; i++) {
    const from = performance.now()
    await work()
    times.push(performance.now() - from)
  }
  times.sort((a, b) => a - b)
  const at = (share: number): string =>
    (times[Math.floor(share * (times.length - 1))] ?? 0).toFixed(2)
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`
}

const find = makeFindHoldings(database)
const of = makeHoldingsOf(database)

/** Any address at any instant of what is filled. */
function lookUp(turns: number): () => Promise<unknown> {
  return () => {
    const atUs = firstUs + random(turns) * holdUs + random(3600) * 1e6
    const address: AddressWords = [0, 0, v4MappedWord, wordOf(random(addresses))]
    return find({ address, fromUs: atUs - 1e6, toUs: atUs + 1e6, limit: 500 })
  }
}

/** The same by a GiST index over address and time, to compare. */
function lookUpByGist(turns: number): () => Promise<unknown> {
  return () => {
    const at = new Date((firstUs + random(turns) * holdUs + random(3600) * 1e6) / 1000)
    const word = wordOf(random(addresses))
    const address = `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}/32`
    return owner.query({
      name: 'by gist',
      text: `select * from identity.holding where prefix::inet >>= $1::inet
             and tstzrange(start_at, end_at, '[]') && tstzrange($2, $3, '[]')`,
      values: [address, new Date(at.getTime() - 1000), new Date(at.getTime() + 1000)],
    })
  }
}

try {
  const writer = new IdentityWriter(database, { name: 'bench', kind: 'dhcpd' })
  let turns = 0
  await writer.write([], { atUs: firstUs, counters: { read: 0, unknown: 0, refused: 0 } })
  await owner.query('insert into identity.prefix_length values (4, 32), (4, 24), (6, 56), (6, 128)')
  for (const step of steps) {
    const until = Math.round(step / addresses)
    await fillAtOnce(1, turns, until)
    await owner.query('vacuum analyze identity.holding')
    const [ownBefore, serverBefore] = [process.cpuUsage(), await serverSeconds()]
    const { events, seconds } = await fill(writer, until, until + folded)
    const own = process.cpuUsage(ownBefore)
    const ofServer = (await serverSeconds()) - serverBefore
    turns = until + folded
    const sizes = await owner.query<{ n: string; heap: string; index: string }>(
      `select count(*) n, pg_table_size('identity.holding') heap,
         pg_indexes_size('identity.holding') "index" from identity.holding`
    )
    await owner.query('vacuum analyze identity.holding')
    const { n = '1', heap = '0', index = '0' } = sizes.rows[0] ?? {}
    const bytes = [heap, index].map((total) => (Number(total) / Number(n)).toFixed(0))
    console.log(`${n} holdings, ${bytes[0]} + ${bytes[1]} B a holding`)
    console.log(`  fold: ${events} statements, ${Math.round(events / seconds)} /s`)
    const each = [own.user + own.system, ofServer * 1e6].map((us) => (us / events).toFixed(1))
    console.log(`  processor a statement: ${each[0]} us here, ${each[1]} us PostgreSQL`)
    const repeated = await fill(writer, turns - 1, turns)
    console.log(`  the last again: ${Math.round(repeated.events / repeated.seconds)} /s`)
    await timed(500, lookUp(turns))
    console.log(`  address at an instant: ${await timed(lookups, lookUp(turns))}`)
    const reverse = (): Promise<unknown> =>
      of({
        mac: macOf(random(addresses * 20)),
        fromUs: firstUs,
        toUs: firstUs + spanUs,
        limit: 500,
      })
    await timed(200, reverse)
    console.log(`  what a MAC held: ${await timed(lookups, reverse)}`)
    if (!values.gist) continue
    const from = performance.now()
    await owner.query(`create extension if not exists btree_gist`).catch(() => {})
    await owner.query(
      `create index holding_gist on identity.holding
         using gist ((prefix::inet) inet_ops, tstzrange(start_at, end_at, '[]'))`
    )
    const build = ((performance.now() - from) / 1000).toFixed(1)
    await owner.query('analyze identity.holding')
    await timed(500, lookUpByGist(turns))
    const size = await owner.query<{ size: string }>(
      `select pg_relation_size('identity.holding_gist') / $1::int8 as size`,
      [n]
    )
    console.log(`  GiST: ${await timed(lookups, lookUpByGist(turns))}`)
    console.log(`  GiST: built in ${build} s, ${size.rows[0]?.size} B a holding`)
    const renewals = await fill(writer, turns, turns + 2)
    turns += 2
    console.log(`  fold with it: ${Math.round(renewals.events / renewals.seconds)} /s`)
    await owner.query('drop index identity.holding_gist')
  }
} finally {
  await database.close()
  await owner.end()
  await server.stop()
  await rm(dataDir, { recursive: true, force: true })
}
