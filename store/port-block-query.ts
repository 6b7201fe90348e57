import { octetsOfAddress, v4MappedWord } from '../model/address.ts'
import type { AddressWords } from '../model/address.ts'
import { maxSliceUs } from '../model/limits.ts'
import { natKinds } from '../model/nat-view.ts'
import { publicKey } from '../model/public-key.ts'
import type { Slice, SliceQuery } from '../model/slice.ts'
import type { Database } from './database.ts'
import type { SourceList } from './source-list.ts'
import { microseconds, toTimestamp } from './timestamp.ts'

interface BlockRow {
  readonly n?: number
  readonly start_us: string
  readonly end_us: string
  readonly held_us: string
  readonly flow_id: string
  readonly vrf: string
  readonly port_start: number
  readonly port_end: number
  readonly step: number
  readonly source: number
  readonly protocol: number
  readonly flags: number
  readonly is_address: boolean
  readonly inside_ip: Buffer
  readonly public_ip: Buffer
  readonly user_name: string
}

const blockColumns = `
  ${microseconds('b.start_at')} as start_us, ${microseconds('b.end_at')} as end_us,
  ${microseconds('b.held_from')} as held_us, b.flow_id, b.vrf, b.port_start, b.port_end, b.step,
  b.source, b.protocol, b.flags, b.is_address, b.inside_ip, b.public_ip, b.user_name`

/**
 * $1 to $7 are arrays, an element a question: key of the address, earliest and latest start,
 * earliest end, octets of the address, port or null, protocol or null. $8, $9: earliest and latest
 * start of all, which is what partitions are chosen by. $10: most rows a question.
 */
const findBlocksSql = `
  select q.n::int4, b.* from
    unnest($1::int8[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[], $5::bytea[],
      $6::int4[], $7::int2[])
      with ordinality as q(key, first_start, last_start, first_end, octets, port, protocol, n)
    cross join lateral (
      select ${blockColumns} from ledger.port_block b
      where b.address_key = q.key and b.public_ip = q.octets
        and b.start_at >= $8 and b.start_at <= $9
        and b.start_at >= q.first_start and b.start_at <= q.last_start and b.end_at >= q.first_end
        and (q.port is null or (b.port_start <= q.port and b.port_end >= q.port
          and (q.port - b.port_start) % b.step = 0))
        and (q.protocol is null or b.protocol in (0, q.protocol))
      limit $10
    ) b`

function wordsOf(octets: Buffer): AddressWords {
  if (octets.length === 4) return [0, 0, v4MappedWord, octets.readUInt32BE(0)]
  const word = (at: number): number => octets.readUInt32BE(at)
  return [word(0), word(4), word(8), word(12)]
}

/** A block as a record of the port asked for; of the protocol asked for where it is of all. */
function sliceOf(row: BlockRow, source: string, port?: number, protocol = 0): Slice {
  const endUs = Number(row.end_us)
  const { port_start: start, port_end: end, step } = row
  return {
    source,
    flowId: BigInt.asUintN(64, BigInt(row.flow_id)),
    open: false,
    natKind: natKinds.source,
    protocol: row.protocol === 0 ? protocol : row.protocol,
    zone: Number(row.vrf),
    inside: { ip: wordsOf(row.inside_ip), port: 0 },
    public: { ip: wordsOf(row.public_ip), port: port ?? start },
    remote: { ip: [0, 0, 0, 0], port: 0 },
    connectionStartUs: Number(row.held_us),
    startUs: Number(row.start_us),
    endUs,
    lastPacketUs: endUs,
    octets: 0n,
    packets: 0n,
    reverseOctets: 0n,
    reversePackets: 0n,
    conntrackId: 0,
    mark: 0,
    endReason: 0,
    flags: row.flags,
    ports: { basis: row.is_address ? 'address' : 'block', start, end, step, note: '' },
    ...(row.user_name === '' ? {} : { userName: row.user_name }),
  }
}

/** Both ends of a list of times, widened by the longest row. */
const bounds = (queries: readonly SliceQuery[], skewUs: number): readonly [string, string] => [
  toTimestamp(Math.min(...queries.map(({ fromUs }) => fromUs)) - skewUs - maxSliceUs),
  toTimestamp(Math.max(...queries.map(({ toUs }) => toUs)) + skewUs),
]

function valuesOf(queries: readonly SliceQuery[], skewUs: number): unknown[] {
  const [first, last] = bounds(queries, skewUs)
  return [
    queries.map(({ address }) => publicKey(address, 0).toString()),
    queries.map(({ fromUs }) => toTimestamp(fromUs - skewUs - maxSliceUs)),
    queries.map(({ toUs }) => toTimestamp(toUs + skewUs)),
    queries.map(({ fromUs }) => toTimestamp(fromUs - skewUs)),
    queries.map(({ address }) => octetsOfAddress(address)),
    queries.map(({ port }) => port ?? null),
    queries.map(({ protocol }) => protocol ?? null),
    first,
    last,
    Math.max(...queries.map(({ limit }) => limit)) + 1,
  ]
}

/** Blocks that hold the port asked for, a list for each question; `cut` where a limit left some. */
export async function findBlocks(
  database: Database,
  sources: SourceList,
  queries: readonly SliceQuery[]
): Promise<readonly { readonly slices: readonly Slice[]; readonly cut: boolean }[]> {
  const rows = await database.query<BlockRow>('look up port blocks', {
    name: 'find blocks',
    text: findBlocksSql,
    values: valuesOf(queries, await sources.maxSkewUs()),
  })
  const byId = await sources.withIds(new Set(rows.map((row) => row.source)))
  const found = queries.map(() => ({ slices: [] as Slice[], cut: false }))
  for (const row of rows) {
    const index = (row.n ?? 0) - 1
    const [mine, query] = [found[index], queries[index]]
    if (mine === undefined || query === undefined) continue
    const { name, skewUs } = byId.get(row.source) ?? { name: '', skewUs: 0 }
    const slice = sliceOf(row, name, query.port, query.protocol)
    if (slice.startUs - skewUs > query.toUs || slice.endUs + skewUs < query.fromUs) continue
    if (mine.slices.length >= query.limit) mine.cut = true
    else mine.slices.push(slice)
  }
  return found
}

/** Blocks that an inside address had in [fromUs, toUs], oldest first. */
export async function blocksOfInside(
  database: Database,
  sources: SourceList,
  query: {
    readonly inside: AddressWords
    readonly fromUs: number
    readonly toUs: number
    readonly limit: number
  }
): Promise<Slice[]> {
  const { inside, fromUs, toUs, limit } = query
  const rows = await database.query<BlockRow>('list port blocks', {
    text: `select ${blockColumns} from ledger.port_block b
      where b.start_at >= $1 and b.start_at <= $2 and b.end_at >= $3 and b.inside_ip = $4
      order by b.start_at limit $5`,
    values: [
      toTimestamp(fromUs - maxSliceUs),
      toTimestamp(toUs),
      toTimestamp(fromUs),
      octetsOfAddress(inside),
      limit,
    ],
  })
  const byId = await sources.withIds(new Set(rows.map((row) => row.source)))
  return rows.map((row) => sliceOf(row, byId.get(row.source)?.name ?? ''))
}
