import type pg from 'pg'
import type { FlowPosition } from '../flow-cursor.ts'
import { openDuckDb } from '../archive/duckdb.ts'
import type { DuckDb } from '../archive/duckdb.ts'
import type { SealedFile } from '../archive/catalogue.ts'
import { ProvedFile } from '../archive/proved-file.ts'
import type { SealedForm } from '../archive/sealed-layout.ts'
import { readSealed } from '../archive/sealed-query.ts'
import type { SealedQuery } from '../archive/sealed-query.ts'
import { flowColumns } from '../flow-table.ts'
import { ordinalOf } from '../slice-row.ts'
import type { FlowRow } from '../slice-row.ts'
import { microseconds, toTimestamp } from '../timestamp.ts'
import { inForce } from './spared.ts'

interface HoldRow {
  readonly id: string
  readonly first_key: string | null
  readonly last_key: string
  readonly octets: string | null
  readonly from_us: string
  readonly to_us: string
  readonly records: readonly string[]
}

/** Rows that are copied at a time. */
const copiedAtOnce = 5000

/** What reading a file may use (octets). */
const memoryBytes = 512 << 20

/** What is wanted of a file for a hold; `record`: that row alone. */
interface Wanted {
  readonly hold: string
  readonly query: Omit<SealedQuery, 'limit'>
  readonly record?: { readonly source: number; readonly flowId: string }
}

/** `gw1/12@2026-11-26T12:00:00Z`, as ledger.keep_held reads it. */
const recordPattern = /^(.{1,200})\/(\d{1,20})@([-0-9T:.]{10,30}Z)$/

/** The instant of a record's name in microseconds, which Date would cut to milliseconds. */
async function microsecondsOf(client: pg.ClientBase, text: string): Promise<number> {
  const { rows } = await client.query<{ us: string }>(
    `select ${microseconds('$1::timestamptz')} as us`,
    [text]
  )
  return Number(rows[0]?.us)
}

async function wantedOf(client: pg.ClientBase, file: SealedFile): Promise<Wanted[]> {
  const { rows: holds } = await client.query<HoldRow>(
    `select h.id, h.first_key, h.last_key, encode(h.octets, 'hex') as octets, h.records,
       ${microseconds('h.from_at')} as from_us, ${microseconds('h.to_at')} as to_us
     from cases.hold h where ${inForce} order by h.id`
  )
  const { rows: sources } = await client.query<{ id: number; name: string; skew: string }>(
    'select id, name, skew_us as skew from ledger.source'
  )
  const skewUs = Math.max(0, ...sources.map(({ skew }) => Number(skew)))
  const wanted: Wanted[] = []
  for (const hold of holds) {
    if (hold.first_key !== null) {
      const query = {
        firstKey: BigInt(hold.first_key),
        lastKey: BigInt(hold.last_key),
        earliestStartUs: file.firstStartUs,
        latestStartUs: Number(hold.to_us) + skewUs,
        earliestEndUs: Number(hold.from_us) - skewUs,
        public6: hold.octets ?? undefined,
      }
      wanted.push({ hold: hold.id, query })
    }
    for (const text of hold.records) {
      const [, name, flowId = '', time = ''] = recordPattern.exec(text) ?? []
      const source = sources.find((one) => one.name === name)?.id
      if (source === undefined || !file.sources.includes(source)) continue
      const atUs = await microsecondsOf(client, time)
      const query = {
        firstKey: file.firstKey,
        lastKey: file.lastKey,
        earliestStartUs: atUs,
        latestStartUs: atUs,
        earliestEndUs: atUs,
      }
      const record = { source, flowId: String(BigInt.asIntN(64, BigInt(flowId))) }
      wanted.push({ hold: hold.id, query, record })
    }
  }
  return wanted.filter(({ query }) => mayMeet(file, query))
}

const mayMeet = (file: SealedFile, query: Omit<SealedQuery, 'limit'>): boolean =>
  query.firstKey <= file.lastKey &&
  query.lastKey >= file.firstKey &&
  query.earliestStartUs <= file.lastStartUs &&
  query.latestStartUs >= file.firstStartUs &&
  query.earliestEndUs <= file.lastEndUs

/** Columns of `ledger.flow` as a row read of a file has them, and their types of SQL. */
const values: readonly [of: (row: FlowRow) => unknown, type: string][] = [
  [(row) => row.public_key, 'int8'],
  [(row) => toTimestamp(Number(row.start_us)), 'timestamptz'],
  [(row) => toTimestamp(Number(row.end_us)), 'timestamptz'],
  [(row) => toTimestamp(Number(row.connection_start_us)), 'timestamptz'],
  [(row) => row.flow_id, 'int8'],
  [(row) => row.octets, 'int8'],
  [(row) => row.reverse_octets, 'int8'],
  [(row) => row.packets, 'int8'],
  [(row) => row.reverse_packets, 'int8'],
  [(row) => row.conntrack_id | 0, 'int4'],
  [(row) => row.last_packet_ms, 'int4'],
  [(row) => (row.inside_port << 16) >> 16, 'int2'],
  [(row) => (row.remote_port << 16) >> 16, 'int2'],
  [(row) => row.source, 'int2'],
  [(row) => row.protocol, 'int2'],
  [(row) => row.kind, 'int2'],
  [(row) => row.inside_ip, 'bytea'],
  [(row) => row.remote_ip, 'bytea'],
  [(row) => row.extra, 'bytea'],
  [(row) => row.application, 'text'],
  [(row) => row.protocol_name, 'text'],
  [(row) => row.host_name, 'text'],
  [(row) => row.user_name, 'text'],
]

const insertSql = `
  insert into ledger.held (hold, ${flowColumns.join(', ')})
  select $1::bigint, row.* from unnest(
    ${values.map(([, type], index) => `$${index + 2}::${type}[]`).join(', ')}) row
  on conflict do nothing`

async function insertHeld(
  client: pg.ClientBase,
  hold: string,
  rows: readonly FlowRow[]
): Promise<number> {
  if (rows.length === 0) return 0
  const columns = values.map(([of]) => rows.map(of))
  return (await client.query(insertSql, [hold, ...columns])).rowCount ?? 0
}

async function copyWanted(
  client: pg.ClientBase,
  duckDb: DuckDb,
  path: string,
  form: SealedForm,
  { hold, query, record }: Wanted
): Promise<number> {
  let copied = 0
  for (let after: FlowPosition | undefined; ;) {
    const page = { ...query, order: 'oldest', after, limit: copiedAtOnce } as const
    const rows = await readSealed(duckDb, path, form, page)
    const meant = rows.filter(
      ({ source, flow_id: id }) =>
        record === undefined || (source === record.source && id === record.flowId)
    )
    copied += await insertHeld(client, hold, meant)
    const last = rows.at(-1)
    if (last === undefined || rows.length < copiedAtOnce) return copied
    after = {
      startUs: Number(last.start_us),
      source: last.source,
      flowId: last.flow_id,
      view: ordinalOf(last),
      place: last.place,
    }
  }
}

/**
 * Copies the rows that holds in force are about out of a sealed file to the held ones.
 *
 * @returns how many were not there yet
 * @throws DamagedFile where a hold may be about rows of it, and it cannot be read
 */
export async function keepHeldOfFile(
  client: pg.ClientBase,
  directory: string,
  file: SealedFile
): Promise<number> {
  const wanted = await wantedOf(client, file)
  if (wanted.length === 0) return 0
  const proved = new ProvedFile(directory, file)
  await proved.proveAll()
  const duckDb = await openDuckDb({ directory, memoryBytes, threads: 1 })
  try {
    let copied = 0
    for (const one of wanted) {
      copied += await copyWanted(client, duckDb, proved.path, file, one)
    }
    return copied
  } finally {
    duckDb.close()
  }
}
