import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { literal, openDuckDb } from '../../store/archive/duckdb.ts'
import type { Known } from './exporter.ts'
import type { World } from './world.ts'

/** What the ledger says of what was told, after a fault. */
export interface Judgement {
  readonly told: number
  readonly inLedger: number
  readonly twice: number
  /** Rows of connections that nobody told of. */
  readonly invented: number
  readonly missing: number
  /** Of the missing, those whose time no gap covers: evidence that is denied. */
  readonly uncovered: number
  /** Reasons of the gaps that came meanwhile. */
  readonly reasons: readonly string[]
  /** Look-ups of missing ones, by their verdict. */
  readonly verdicts: Readonly<Record<string, number>>
  /** Look-ups of some that are in the ledger, by their verdict. */
  readonly found: Readonly<Record<string, number>>
  readonly sessions: Sessions
}

/** Sessions that a NAS told of. */
export interface Sessions {
  readonly answered: number
  /** Answered, and not there. */
  readonly lost: number
  readonly twice: number
  /** Told again and again, and never answered. */
  readonly unanswered: number
}

interface Row {
  readonly number: number
  readonly rows: number
}

interface Gap {
  readonly id: number
  readonly fromUs: number
  readonly toUs: number
  readonly reason: string
}

/** What has not come by then is missing, and is held against the gaps (ms). */
const patienceMs = 45_000

/** Of the exporter: connections of this kernel, where they are followed, are no 10.0.0.0/8. */
const rowsSql = `select ((get_byte(inside_ip, 1) << 16) | (get_byte(inside_ip, 2) << 8)
  | get_byte(inside_ip, 3)) as number, count(*)::int as rows from ledger.flow
  where length(inside_ip) = 4 and get_byte(inside_ip, 0) = 10 group by 1`
const gapsSql = `select id::int, reason, (extract(epoch from from_at) * 1e6)::float8 as "fromUs",
  (extract(epoch from to_at) * 1e6)::float8 as "toUs" from ledger.gap`

/** Rows that are in tables and in sealed files. */
async function rowsOf(world: World): Promise<Row[]> {
  const hot = await world.query<Row>(rowsSql)
  const files = await world.query<{ path: string }>('select path from ledger.sealed_file')
  return files.length === 0 ? hot : [...hot, ...(await sealedRows(world, files))]
}

async function sealedRows({ dataDir }: World, files: readonly { path: string }[]): Promise<Row[]> {
  const directory = join(dataDir, 'archive')
  const duck = await openDuckDb({ directory, memoryBytes: 256 << 20, threads: 1 })
  try {
    const paths = files.map(({ path }) => literal(join(directory, path))).join(', ')
    const rows = await duck.rows(`select inside_ip & 16777215, count(*)
      from read_parquet([${paths}]) group by 1`)
    return rows.map(([number, count]) => ({ number: Number(number), rows: Number(count) }))
  } finally {
    duck.close()
  }
}

const sessionsSql = `select (prefix - '100.64.0.0'::inet)::int as number, count(*)::int as rows
  from identity.holding where prefix is not null and merged_into is null group by 1`

/** Each session has an address of its own, and so one holding. */
async function judgeSessions(world: World): Promise<Sessions> {
  const { nas } = world
  const endsAt = performance.now() + patienceMs
  while (nas.waiting > 0 && performance.now() < endsAt) await sleep(100)
  const rows = await world.query<Row>(sessionsSql)
  const counts = new Map(rows.map(({ number, rows: count }) => [number, count]))
  return {
    answered: nas.answered.size,
    lost: [...nas.answered].filter((number) => !counts.has(number)).length,
    twice: rows.filter(({ rows: count }) => count > 1).length,
    unanswered: nas.waiting,
  }
}

/** Connections that are looked up, of those that are missing and of the others. */
const asked = 12

/** Verdicts on so many of them, spread over all. */
async function ask(world: World, connections: readonly Known[]): Promise<Record<string, number>> {
  const verdicts: Record<string, number> = {}
  const step = Math.max(1, Math.floor(connections.length / asked))
  for (let at = 0; at < connections.length; at += step) {
    const { port, atUs } = connections[at] as Known
    const verdict = await world.verdict(port, atUs)
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1
  }
  return verdicts
}

/** Waits until the last connections are in the ledger, which then has all that it will ever have. */
async function settle(world: World): Promise<void> {
  const last = world.exporter.told.length - 1
  const endsAt = performance.now() + patienceMs
  while (performance.now() < endsAt) {
    const rows = await rowsOf(world).catch(() => [])
    if (rows.some(({ number }) => number === last)) break
    await sleep(200)
  }
  // What came before the last one may have come behind it, on the way.
  let before = -1
  for (;;) {
    const sum = (await rowsOf(world)).reduce((all, { rows }) => all + rows, 0)
    if (sum === before) return
    before = sum
    await sleep(1200)
  }
}

/** Holds the ledger against what was told from `first` on. */
export async function judge(world: World, first: number, gapsBefore: number): Promise<Judgement> {
  await settle(world)
  const counts = new Map<number, number>()
  for (const { number, rows } of await rowsOf(world)) {
    counts.set(number, rows + (counts.get(number) ?? 0))
  }
  const told = world.exporter.told.slice(first)
  const gaps = await world.query<Gap>(gapsSql)
  const missing = told.filter(({ number }) => !counts.has(number))
  const isCovered = ({ atUs }: Known): boolean =>
    gaps.some(({ fromUs, toUs }) => fromUs <= atUs && atUs <= toUs)
  const fresh = gaps.filter(({ id }) => id > gapsBefore).map(({ reason }) => reason)
  return {
    told: told.length,
    inLedger: told.length - missing.length,
    twice: told.filter(({ number }) => (counts.get(number) ?? 0) > 1).length,
    invented: [...counts.keys()].filter((number) => number >= world.exporter.told.length).length,
    missing: missing.length,
    uncovered: missing.filter((one) => !isCovered(one)).length,
    reasons: [...new Set(fresh)].toSorted(),
    verdicts: await ask(world, missing),
    found: await ask(
      world,
      told.filter(({ number }) => counts.has(number))
    ),
    sessions: await judgeSessions(world),
  }
}

/** The newest gap, so that those of the next fault can be told. */
export async function newestGap(world: World): Promise<number> {
  const [row] = await world.query<{ id: number | null }>(
    'select max(id)::int as id from ledger.gap'
  )
  return row?.id ?? 0
}
