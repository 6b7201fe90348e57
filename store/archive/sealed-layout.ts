import { restingValue, sealedColumns, sealedTypes } from './sealed-columns.ts'

/**
 * Rows of a row group, which is what a look-up reads of a file: 0.05 us a row of it were measured,
 * and 0.25 ms for each other group that DuckDB passes over. Dictionaries want long groups.
 */
const groupRows = 163_840

/**
 * Values that a dictionary of a group may have: those of far ends, but not times or numbers, of
 * which each is another and a dictionary takes more than they do.
 */
const dictionaryValues = 49_152

/** How files are written. */
export const parquetOptions = `format parquet, compression zstd, parquet_version v2,
  row_group_size ${groupRows}, dictionary_size_limit ${dictionaryValues}`

/** Rows that a file of an hour should have, and files of an hour at most. */
const [usualRows, mostFiles] = [1 << 20, 64]

/** Files that an hour of so many rows goes to: each has other public addresses. */
export const filesOf = (rows: number, fileRows = usualRows): number =>
  Math.max(1, Math.min(mostFiles, Math.round(rows / fileRows)))

/** The public address of a row as a number: of IPv6 what stands first in its hash. */
export const addressRank =
  '(case when public_key < 0 then public_key >> 32 else public_key >> 16 end)'

/** By address and start (256 us) in one number: that is a third of the time of sorting by two. */
export const sortKey = `${addressRank} * 16777216 + epoch_us(start_at) % 3600000000 // 256`

/** Columns with few values, which are sorted as numbers. */
export const enumColumns = ['application', 'protocol_name'] as const

/** Addresses [from, to) of one file. */
export interface AddressRange {
  readonly from?: string
  readonly to?: string
}

/**
 * The rows of a file in their order. What is the same in all rows is not sorted.
 *
 * @param used names of the columns that are not the same in all rows
 * @param enums names of the columns of which there is a type `enum_NAME`
 * @param isJoined that there is a column of the slices of a row
 */
export function selectSorted(
  used: ReadonlySet<string>,
  enums: ReadonlySet<string>,
  { from, to }: AddressRange,
  isJoined: boolean
): string {
  const columns = sealedColumns.map((column) => {
    const rest = used.has(column.name) ? undefined : restingValue(column)
    const [type] = sealedTypes[column.type]
    return { ...column, rest: rest === undefined ? undefined : `${rest}::${type}` }
  })
  const outer = columns.map(({ name, rest }) => (rest === undefined ? name : `${rest} as ${name}`))
  const inner = columns
    .filter(({ rest }) => rest === undefined)
    .map(({ name }) => (enums.has(name) ? `${name}::enum_${name} as ${name}` : name))
  if (isJoined) [outer, inner].forEach((list) => list.push('slices'))
  const where = [
    ...(from === undefined ? [] : [`${addressRank} >= ${from}`]),
    ...(to === undefined ? [] : [`${addressRank} < ${to}`]),
  ]
  return `select ${outer.join(', ')} from (select ${inner.join(', ')} from staged
    ${where.length === 0 ? '' : `where ${where.join(' and ')}`} order by ${sortKey})`
}
