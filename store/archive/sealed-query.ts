import type { DuckDBBlobValue, DuckDBTimestampTZValue } from '@duckdb/node-api'
import { kindShifts } from '../flow-table.ts'
import type { FlowPosition } from '../flow-cursor.ts'
import type { FlowOrder } from '../flow-windows.ts'
import type { FlowRow } from '../slice-row.ts'
import { maxSliceUs } from '../../model/limits.ts'
import type { DuckDb } from './duckdb.ts'
import { slicesIn } from './joined-slices.ts'
import type { SealedForm } from './sealed-layout.ts'

/** Which rows of a file are wanted; times in microseconds since 1970, both ends included. */
export interface SealedQuery {
  readonly firstKey: bigint
  readonly lastKey: bigint
  readonly earliestStartUs: number
  readonly latestStartUs: number
  readonly earliestEndUs: number
  /** Octets of an IPv6 address, whose key may be another's too. */
  readonly public6?: string | undefined
  readonly protocol?: number | undefined
  /** 4 or 16 octets, hexadecimal. */
  readonly inside?: string | undefined
  /** The row that the page before ended with. */
  readonly after?: FlowPosition | undefined
  /** Left out: in no order. */
  readonly order?: FlowOrder
  readonly limit: number
}

/** A row, and its number in its file. */
export type SealedRow = FlowRow & { readonly place: number }

const hexOf = (column: string): string => `lower(hex(${column}))`

/**
 * What a {@link SealedRow} is made of, as it stands in the file: to bind a function for each value
 * took DuckDB longer than to read a row group.
 */
const columns = `
  public_key, start_at, end_at, connection_start_at, flow_id, octets, reverse_octets, packets,
  reverse_packets, conntrack_id, last_packet_ms, inside_port, remote_port, source, protocol, kind,
  inside_ip, inside_ip6, remote_ip, remote_ip6, zone, mark, public_ip6,
  application, protocol_name, host_name, user_name, file_row_number`

const view = `kind >> ${kindShifts.view} & 1`

/** A whole number as SQL: digits, whatever came. In brackets, since a sign binds weaker. */
const whole = (value: number | bigint): string => `(${BigInt(value)})::bigint`

/** A time in microseconds as SQL. */
const instant = (us: number): string => `make_timestamptz(${whole(Math.floor(us))})`

/** Parts of the condition that not every query has: SQL with a place for its texts. */
function conditionsOf(query: SealedQuery): [sql: string, texts: string[]] {
  const sql: string[] = []
  const texts: string[] = []
  const place = (text: string): string => `$${texts.push(text)}`
  const { public6, protocol, inside, after } = query
  if (public6 !== undefined) sql.push(`${hexOf('public_ip6')} = ${place(public6)}`)
  if (protocol !== undefined) sql.push(`protocol = ${whole(protocol)}`)
  if (inside?.length === 8) sql.push(`inside_ip = ${whole(Number.parseInt(inside, 16))}`)
  else if (inside !== undefined) sql.push(`${hexOf('inside_ip6')} = ${place(inside)}`)
  if (after !== undefined) {
    const { startUs, source, flowId, view: ordinal } = after
    const row = [startUs, source, BigInt(flowId), ordinal, after.place].map(whole)
    const isBehind = query.order === 'newest' ? '<' : '>'
    sql.push(`row(epoch_us(start_at), source, flow_id, ${view}, file_row_number)
      ${isBehind} row(${row.join(', ')})`)
  }
  return [sql.map((one) => ` and ${one}`).join(''), texts]
}

/**
 * Reads slices of one file. No text of a question becomes SQL: texts are bound, and the path is the
 * catalogue's. Numbers stand in the statement as digits: DuckDB plans twice what has bound values.
 *
 * @throws Error of DuckDB where the file cannot be read
 */
export async function readSealed(
  duckDb: DuckDb,
  path: string,
  form: SealedForm,
  query: SealedQuery
): Promise<SealedRow[]> {
  const [conditions, texts] = conditionsOf(query)
  const direction = query.order === 'newest' ? 'desc' : 'asc'
  const keys = ['start_at', 'source', 'flow_id', `(${view})`, 'file_row_number'].map(
    (key) => `${key} ${direction}`
  )
  const order = query.order === undefined ? '' : `order by ${keys.join(', ')}`
  const { earliestStartUs, latestStartUs, earliestEndUs } = query
  const within = (fromUs: number): string => `
    start_at between ${instant(fromUs)} and ${instant(latestStartUs)}
    and end_at >= ${instant(earliestEndUs)}`
  const keyed = `public_key between ${whole(query.firstKey)} and ${whole(query.lastKey)}`
  // Of a row of several slices a later one may start in time, though the row did before.
  const isJoined = form.joined > 0
  const rows = `${keyed} and ${within(earliestStartUs - (isJoined ? maxSliceUs : 0))}`
  const found = await duckDb.rows(
    `select ${columns} from ${slicesIn(path, form, rows)}
     where ${isJoined ? within(earliestStartUs) : 'true'}${conditions}
     ${order} limit ${Math.floor(query.limit)}`,
    texts
  )
  return found.map(rowOf)
}

const octetsOf = (value: unknown): Buffer | undefined =>
  value === null ? undefined : Buffer.from((value as DuckDBBlobValue).bytes)

function addressOf(word: unknown, value: unknown): Buffer {
  const address = octetsOf(value)
  if (address !== undefined) return address
  const octets = Buffer.alloc(4)
  octets.writeUInt32BE(Number(word))
  return octets
}

/** As `ledger.flow` has it: empty where there is nothing to say. */
function extraOf(zone: number, mark: number, public6: Buffer | undefined): Buffer {
  if (zone === 0 && mark === 0 && public6 === undefined) return Buffer.alloc(0)
  const octets = Buffer.alloc(8)
  octets.writeUInt32BE(zone, 0)
  octets.writeUInt32BE(mark, 4)
  return public6 === undefined ? octets : Buffer.concat([octets, public6])
}

const microsOf = (value: unknown): string => String((value as DuckDBTimestampTZValue).micros)

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)

function rowOf(values: readonly unknown[]): SealedRow {
  const text = (index: number): string => String(values[index])
  const number = (index: number): number => Number(values[index])
  return {
    public_key: text(0),
    start_us: microsOf(values[1]),
    end_us: microsOf(values[2]),
    connection_start_us: microsOf(values[3] ?? values[1]),
    flow_id: text(4),
    octets: text(5),
    reverse_octets: text(6),
    packets: text(7),
    reverse_packets: text(8),
    conntrack_id: number(9),
    last_packet_ms: number(10),
    inside_port: values[11] === null ? Number((values[0] as bigint) & 0xffffn) : number(11),
    remote_port: number(12),
    source: number(13),
    protocol: number(14),
    kind: number(15),
    inside_ip: addressOf(values[16], values[17]),
    remote_ip: addressOf(values[18], values[19]),
    extra: extraOf(number(20), number(21), octetsOf(values[22])),
    application: textOf(values[23]),
    protocol_name: textOf(values[24]),
    host_name: textOf(values[25]),
    user_name: textOf(values[26]),
    place: number(27),
  }
}
