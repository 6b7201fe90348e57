/**
 * The columns of a sealed file, in their order. Names and meanings are those of the view
 * `ledger.flows` as far as it has them; docs/how-to/archive.md explains them to other engines.
 *
 * - `public_key` holds address and port of IPv4: see model/public-key.ts. Its lowest 16 bits are
 *   the port always. Files are sorted by what stands above them, the address, and then by
 *   `start_at`: times and numbers of connections that follow each other take few octets.
 * - Addresses of IPv4 are numbers, null where the address is one of IPv6, which is 16 octets in the
 *   column with a 6 behind its name.
 * - `connection_start_at` is null where it is `start_at`, `inside_port` where it is the public
 *   port.
 * - `kind` is as in `ledger.flow`: nature of the translation, view, reason of the end and flags.
 */
export const sealedColumns = [
  { name: 'public_key', type: 'int8' },
  { name: 'start_at', type: 'time' },
  { name: 'end_at', type: 'time' },
  { name: 'connection_start_at', type: 'time' },
  { name: 'source', type: 'int2' },
  { name: 'flow_id', type: 'int8' },
  { name: 'protocol', type: 'int2' },
  { name: 'kind', type: 'int2' },
  { name: 'inside_ip', type: 'uint4' },
  { name: 'inside_port', type: 'uint2' },
  { name: 'remote_ip', type: 'uint4' },
  { name: 'remote_port', type: 'uint2' },
  { name: 'octets', type: 'int8' },
  { name: 'packets', type: 'int8' },
  { name: 'reverse_octets', type: 'int8' },
  { name: 'reverse_packets', type: 'int8' },
  { name: 'last_packet_ms', type: 'int4' },
  { name: 'conntrack_id', type: 'uint4' },
  { name: 'zone', type: 'uint4' },
  { name: 'mark', type: 'uint4' },
  { name: 'inside_ip6', type: 'octets' },
  { name: 'remote_ip6', type: 'octets' },
  { name: 'public_ip6', type: 'octets' },
  { name: 'application', type: 'text' },
  { name: 'protocol_name', type: 'text' },
  { name: 'host_name', type: 'text' },
  { name: 'user_name', type: 'text' },
] as const

export type SealedColumn = (typeof sealedColumns)[number]
export type SealedName = SealedColumn['name']
export type SealedType = SealedColumn['type']

/** Types of DuckDB, and octets of a value in its vectors. */
export const sealedTypes: Readonly<Record<SealedType, readonly [sql: string, octets: number]>> = {
  int8: ['BIGINT', 8],
  time: ['TIMESTAMPTZ', 8],
  int4: ['INTEGER', 4],
  uint4: ['UINTEGER', 4],
  int2: ['SMALLINT', 2],
  uint2: ['USMALLINT', 2],
  octets: ['BLOB', 16],
  text: ['VARCHAR', 16],
}

/** What a column mostly has in every row of an hour, in SQL; undefined: it has no such value. */
export function restingValue({ name, type }: SealedColumn): string | undefined {
  if (name === 'zone' || name === 'mark') return '0'
  if (type === 'octets' || type === 'text') return 'null'
  return name === 'connection_start_at' || name === 'inside_port' ? 'null' : undefined
}

type Names<Type extends SealedType> = Extract<SealedColumn, { type: Type }>['name']
export type WideName = Names<'int8' | 'time'>
export type WordName = Names<'int4' | 'uint4'>
export type ShortName = Names<'int2' | 'uint2'>
export type OctetsName = Names<'octets' | 'text'>

/** Rows of one vector of DuckDB. */
export const vectorRows = 2048

/** Rows as columns, as DuckDB lays them out: little-endian, a bit for each value that is there. */
export interface SealedRows {
  length: number
  /** 64-bit values: low half, then high half. */
  readonly wide: Readonly<Record<WideName, Int32Array>>
  readonly words: Readonly<Record<WordName, Uint32Array>>
  readonly shorts: Readonly<Record<ShortName, Uint16Array>>
  /** Undefined stands for null. */
  readonly octets: Readonly<Record<OctetsName, (Uint8Array | undefined)[]>>
  /** 1: null. Of the columns of numbers that may be null alone. */
  readonly nulls: Readonly<
    Record<'connection_start_at' | 'inside_ip' | 'inside_port' | 'remote_ip', Uint8Array>
  >
}

function make<Name extends string, T>(
  types: readonly SealedType[],
  of: () => T
): Readonly<Record<Name, T>> {
  const names = sealedColumns.filter(({ type }) => types.includes(type)).map(({ name }) => name)
  return Object.fromEntries(names.map((name) => [name, of()])) as Record<Name, T>
}

/** Room for a vector of rows. */
export function makeSealedRows(): SealedRows {
  return {
    length: 0,
    wide: make<WideName, Int32Array>(['int8', 'time'], () => new Int32Array(2 * vectorRows)),
    words: make<WordName, Uint32Array>(['int4', 'uint4'], () => new Uint32Array(vectorRows)),
    shorts: make<ShortName, Uint16Array>(['int2', 'uint2'], () => new Uint16Array(vectorRows)),
    octets: make<OctetsName, (Uint8Array | undefined)[]>(['octets', 'text'], () =>
      Array.from({ length: vectorRows }, () => undefined)
    ),
    nulls: {
      connection_start_at: new Uint8Array(vectorRows),
      inside_ip: new Uint8Array(vectorRows),
      inside_port: new Uint8Array(vectorRows),
      remote_ip: new Uint8Array(vectorRows),
    },
  }
}
