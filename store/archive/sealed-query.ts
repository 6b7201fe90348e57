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

/** The columns of a {@link SealedRow}: texts, which carry 64 bits exactly, and small numbers. */
const columns = `
  public_key::varchar, epoch_us(start_at)::varchar, epoch_us(end_at)::varchar,
  coalesce(epoch_us(connection_start_at), epoch_us(start_at))::varchar, flow_id::varchar,
  octets::varchar, reverse_octets::varchar, packets::varchar, reverse_packets::varchar,
  conntrack_id::double, last_packet_ms, coalesce(inside_port, public_key & 65535)::integer,
  remote_port::integer, source,
  protocol, kind, inside_ip::double, ${hexOf('inside_ip6')}, remote_ip::double,
  ${hexOf('remote_ip6')}, zone::double, mark::double, ${hexOf('public_ip6')},
  application, protocol_name, host_name, user_name, file_row_number::double`

const view = `kind >> ${kindShifts.view} & 1`

/** Parts of the condition that not every query has: SQL with a place for its values. */
function conditionsOf(query: SealedQuery): [sql: string, values: (string | number | bigint)[]] {
  const sql: string[] = []
  const values: (string | number | bigint)[] = []
  const place = (value: string | number | bigint): string => `$${values.push(value) + 5}`
  const { public6, protocol, inside, after } = query
  if (public6 !== undefined) sql.push(`${hexOf('public_ip6')} = ${place(public6)}`)
  if (protocol !== undefined) sql.push(`protocol = ${place(protocol)}`)
  if (inside?.length === 8) sql.push(`inside_ip = ${place(Number.parseInt(inside, 16))}`)
  else if (inside !== undefined) sql.push(`${hexOf('inside_ip6')} = ${place(inside)}`)
  if (after !== undefined) {
    const { startUs, source, flowId, view: ordinal } = after
    const row = [BigInt(startUs), source, BigInt(flowId), ordinal, BigInt(after.place)]
    const places = row.map(place).join(', ')
    const isBehind = query.order === 'newest' ? '<' : '>'
    sql.push(`row(epoch_us(start_at), source, flow_id, ${view}, file_row_number)
      ${isBehind} row(${places})`)
  }
  return [sql.map((one) => ` and ${one}`).join(''), values]
}

/**
 * Reads slices of one file. Nothing of a question becomes SQL: values are bound, and the path is
 * the catalogue's.
 *
 * @throws Error of DuckDB where the file cannot be read
 */
export async function readSealed(
  duckDb: DuckDb,
  path: string,
  form: SealedForm,
  query: SealedQuery
): Promise<SealedRow[]> {
  const [conditions, values] = conditionsOf(query)
  const direction = query.order === 'newest' ? 'desc' : 'asc'
  const keys = ['start_at', 'source', 'flow_id', `(${view})`, 'file_row_number'].map(
    (key) => `${key} ${direction}`
  )
  const order = query.order === undefined ? '' : `order by ${keys.join(', ')}`
  // Of a row of several slices a later one may start in time, though the row did before.
  const rows = `public_key between $1::bigint and $2::bigint
    and start_at between make_timestamptz($3::bigint - ${form.joined > 0 ? maxSliceUs : 0})
      and make_timestamptz($4::bigint)
    and end_at >= make_timestamptz($5::bigint)`
  const slices = `start_at between make_timestamptz($3::bigint) and make_timestamptz($4::bigint)
    and end_at >= make_timestamptz($5::bigint)`
  const found = await duckDb.rows(
    `select ${columns} from ${slicesIn(path, form, rows)}
     where ${slices}${conditions}
     ${order} limit ${Math.floor(query.limit)}`,
    [
      query.firstKey,
      query.lastKey,
      BigInt(Math.floor(query.earliestStartUs)),
      BigInt(Math.floor(query.latestStartUs)),
      BigInt(Math.floor(query.earliestEndUs)),
      ...values,
    ]
  )
  return found.map(rowOf)
}

function addressOf(word: unknown, hex: unknown): Buffer {
  if (typeof hex === 'string') return Buffer.from(hex, 'hex')
  const octets = Buffer.alloc(4)
  octets.writeUInt32BE(Number(word))
  return octets
}

/** As `ledger.flow` has it: empty where there is nothing to say. */
function extraOf(zone: number, mark: number, public6: unknown): Buffer {
  if (zone === 0 && mark === 0 && typeof public6 !== 'string') return Buffer.alloc(0)
  const octets = Buffer.alloc(8)
  octets.writeUInt32BE(zone, 0)
  octets.writeUInt32BE(mark, 4)
  return typeof public6 === 'string' ? Buffer.concat([octets, Buffer.from(public6, 'hex')]) : octets
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)

function rowOf(values: readonly unknown[]): SealedRow {
  const text = (index: number): string => String(values[index])
  const number = (index: number): number => Number(values[index])
  return {
    public_key: text(0),
    start_us: text(1),
    end_us: text(2),
    connection_start_us: text(3),
    flow_id: text(4),
    octets: text(5),
    reverse_octets: text(6),
    packets: text(7),
    reverse_packets: text(8),
    conntrack_id: number(9),
    last_packet_ms: number(10),
    inside_port: number(11),
    remote_port: number(12),
    source: number(13),
    protocol: number(14),
    kind: number(15),
    inside_ip: addressOf(values[16], values[17]),
    remote_ip: addressOf(values[18], values[19]),
    extra: extraOf(number(20), number(21), values[22]),
    application: textOf(values[23]),
    protocol_name: textOf(values[24]),
    host_name: textOf(values[25]),
    user_name: textOf(values[26]),
    place: number(27),
  }
}
