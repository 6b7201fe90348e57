import { setTimeout as sleep } from 'node:timers/promises'
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

const rowsSql = `select ((get_byte(inside_ip, 1) << 16) | (get_byte(inside_ip, 2) << 8)
  | get_byte(inside_ip, 3)) as number, count(*)::int as rows from ledger.flow
  where length(inside_ip) = 4 group by 1`
const gapsSql = `select id::int, reason, (extract(epoch from from_at) * 1e6)::float8 as "fromUs",
  (extract(epoch from to_at) * 1e6)::float8 as "toUs" from ledger.gap`

const rowsOf = (world: World): Promise<Row[]> => world.query<Row>(rowsSql)

/** Missing connections that are looked up: so many of them, spread over all. */
const asked = 12

/** What has not come by then is missing, and is held against the gaps (ms). */
const patienceMs = 45_000

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
  const counts = new Map((await rowsOf(world)).map(({ number, rows }) => [number, rows]))
  const told = world.exporter.told.slice(first)
  const gaps = await world.query<Gap>(gapsSql)
  const missing = told.filter(({ number }) => !counts.has(number))
  const isCovered = ({ atUs }: Known): boolean =>
    gaps.some(({ fromUs, toUs }) => fromUs <= atUs && atUs <= toUs)
  const verdicts: Record<string, number> = {}
  const step = Math.max(1, Math.floor(missing.length / asked))
  for (let at = 0; at < missing.length; at += step) {
    const { port, atUs } = missing[at] as Known
    const verdict = await world.verdict(port, atUs)
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1
  }
  const fresh = gaps.filter(({ id }) => id > gapsBefore).map(({ reason }) => reason)
  return {
    told: told.length,
    inLedger: told.length - missing.length,
    twice: told.filter(({ number }) => (counts.get(number) ?? 0) > 1).length,
    invented: [...counts.keys()].filter((number) => number >= world.exporter.told.length).length,
    missing: missing.length,
    uncovered: missing.filter((one) => !isCovered(one)).length,
    reasons: [...new Set(fresh)].toSorted(),
    verdicts,
  }
}

/** The newest gap, so that those of the next fault can be told. */
export async function newestGap(world: World): Promise<number> {
  const [row] = await world.query<{ id: number | null }>(
    'select max(id)::int as id from ledger.gap'
  )
  return row?.id ?? 0
}
