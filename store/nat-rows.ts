import type pg from 'pg'
import { formatAddress, octetsOfAddress } from '../model/address.ts'
import type { AddressWords } from '../model/address.ts'
import type { FlowBatch } from '../model/flow-batch.ts'
import { natEvents } from '../model/nat-events.ts'
import { publicKey } from '../model/public-key.ts'
import { refusalOf } from './refusals.ts'
import type { Refusal } from './refusals.ts'
import { toTimestamp } from './timestamp.ts'

/** Rows that were not written, by reason. */
export type RefusedRows = Partial<Record<Refusal | 'source-unknown', number>>

function wordsAt(column: Uint32Array, row: number): AddressWords {
  const at = 4 * row
  return [column[at] ?? 0, column[at + 1] ?? 0, column[at + 2] ?? 0, column[at + 3] ?? 0]
}

const textOrNull = (words: AddressWords): string | null =>
  words.every((word) => word === 0) ? null : formatAddress(...words)

/** PostgreSQL's text has no zero octet; names come from the wire. */
function textAt(batch: FlowBatch, name: 'userName' | 'natPoolName', row: number): string {
  return batch.texts.textOf(batch.extras[name]?.[row] ?? 0).replaceAll('\0', '')
}

/** Columns of a statement: an array each, a row an element. */
type Table = unknown[][]

const blockSql = `
  insert into ledger.port_block (address_key, start_at, end_at, held_from, flow_id, vrf,
    port_start, port_end, step, source, protocol, flags, is_address, inside_ip, public_ip,
    user_name, pool_name)
  select * from unnest($1::int8[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[],
    $5::int8[], $6::int8[], $7::int4[], $8::int4[], $9::int4[], $10::int2[], $11::int2[],
    $12::int2[], $13::bool[], $14::bytea[], $15::bytea[], $16::text[], $17::text[])`

function blockRow(batch: FlowBatch, row: number, source: number): unknown[] {
  const { columns, extras } = batch
  const outside = wordsAt(columns.postNatSourceAddress, row)
  const isAddress = extras.natEvent?.[row] === natEvents.addressBindingCreate
  const start = isAddress ? 0 : (extras.portRangeStart?.[row] ?? 0)
  const end = isAddress ? 65_535 : Math.max(start, extras.portRangeEnd?.[row] ?? 0)
  const startUs = columns.flowStartMicroseconds[row] ?? 0
  const flowId =
    (BigInt(columns.flowId[2 * row + 1] ?? 0) << 32n) | BigInt(columns.flowId[2 * row] ?? 0)
  return [
    publicKey(outside, 0).toString(),
    toTimestamp(startUs),
    toTimestamp(columns.flowEndMicroseconds[row] ?? 0),
    toTimestamp(columns.connectionStart[row] || startUs),
    BigInt.asIntN(64, flowId).toString(),
    columns.ingressVrfId[row] ?? 0,
    start,
    end,
    Math.max(1, extras.portRangeStepSize?.[row] ?? 1),
    source,
    columns.protocolIdentifier[row] ?? 0,
    columns.sliceFlags[row] ?? 0,
    isAddress,
    octetsOfAddress(wordsAt(columns.sourceAddress, row)),
    octetsOfAddress(outside),
    textAt(batch, 'userName', row),
    textAt(batch, 'natPoolName', row),
  ]
}

const eventSql = `
  insert into ledger.nat_event (at, source, event, protocol, vrf, inside_ip, public_ip, user_name,
    pool_name, detail, configured_limit)
  select * from unnest($1::timestamptz[], $2::int2[], $3::int2[], $4::int2[], $5::int8[],
    $6::inet[], $7::inet[], $8::text[], $9::text[], $10::int8[], $11::int8[])`

function eventRow(batch: FlowBatch, row: number, source: number): unknown[] {
  const { columns, extras } = batch
  const inside = textOrNull(wordsAt(columns.sourceAddress, row))
  const outside = textOrNull(wordsAt(columns.postNatSourceAddress, row))
  return [
    toTimestamp(columns.flowStartMicroseconds[row] ?? 0),
    source,
    extras.natEvent?.[row] ?? 0,
    columns.protocolIdentifier[row] ?? 0,
    columns.ingressVrfId[row] ?? 0,
    inside,
    // What is not translated stands as it was before: a notice that tells one address has no other.
    outside === inside ? null : outside,
    textAt(batch, 'userName', row),
    textAt(batch, 'natPoolName', row),
    // A limit of zero is none that can be met: gateways that do not tell leave it so.
    extras.natEventDetail?.[row] || null,
    extras.natEventLimit?.[row] || null,
  ]
}

function addRow(table: Table, values: readonly unknown[]): void {
  for (const [column, value] of values.entries()) (table[column] ??= []).push(value)
}

async function ensureDays(client: pg.ClientBase, days: Iterable<string>): Promise<void> {
  for (const day of days) await client.query('select ledger.ensure_block_partition($1)', [day])
}

const isBlock = (event: number | undefined): boolean =>
  event === natEvents.portBlockAllocation || event === natEvents.addressBindingCreate

/**
 * Writes blocks, address bindings and notices in the caller's transaction.
 *
 * @param sourceIds ids in the ledger by the number that rows give their source
 * @returns the rows that the ledger does not take
 */
export async function writeNatRows(
  client: pg.ClientBase,
  batches: readonly FlowBatch[],
  sourceIds: ReadonlyMap<number, number>
): Promise<RefusedRows> {
  const nowUs = Date.now() * 1000
  const refused: RefusedRows = {}
  const [blocks, events]: [Table, Table] = [[], []]
  const days = new Set<string>()
  for (const batch of batches) {
    for (let row = 0; row < batch.length; row++) {
      const source = sourceIds.get(batch.extras.sourceIndex?.[row] ?? 0)
      const refusal = refusalOf(batch.columns, row, nowUs)
      if (refusal !== undefined || source === undefined) {
        const reason = refusal ?? 'source-unknown'
        refused[reason] = (refused[reason] ?? 0) + 1
      } else if (isBlock(batch.extras.natEvent?.[row])) {
        const startUs = batch.columns.flowStartMicroseconds[row] ?? 0
        days.add(toTimestamp(Math.floor(startUs / 86_400e6) * 86_400e6))
        addRow(blocks, blockRow(batch, row, source))
      } else addRow(events, eventRow(batch, row, source))
    }
  }
  await ensureDays(client, days)
  if (blocks.length > 0) await client.query(blockSql, blocks)
  if (events.length > 0) await client.query(eventSql, events)
  return refused
}
