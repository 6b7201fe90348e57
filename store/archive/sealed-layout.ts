import { restingValue, sealedColumns, sealedTypes } from './sealed-columns.ts'

/**
 * Rows of a row group, which is what a look-up reads of a file where it finds a row: some 0.05 us a
 * row of it were measured, and 2 ms where it finds none. Dictionaries want long groups.
 */
const groupRows = 122_880

/**
 * Values that a dictionary of a group may have: those of far ends, but not times or numbers, of
 * which each is another and a dictionary takes more than they do.
 */
const dictionaryValues = 49_152

/**
 * How files are laid out that are written now. 4: `held_us`, how long a row was held, in the place
 * of `end_at`, and every other address backwards; files of format 3 have `end_at`. Durations are
 * whole numbers in doubles: Parquet splits those by octets, and zstd then finds that the upper ones
 * are much alike. As numbers that follow each other they take half an octet more.
 */
export const sealedFormat = 4

/** What a reader must know of the layout of a file. */
export interface SealedForm {
  readonly format: number
  /** Rows that stand in the row of another; 0: the file has no column of slices. */
  readonly joined: number
}

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

/** When in its hour a row starts, in 256 us: 24 bits. */
const startRank = 'epoch_us(start_at) % 3600000000 // 256'

/**
 * By address and start in one number: that is a third of the time of sorting by two. Every other
 * address goes backwards, so that no start lies an hour off the one before: thousands of rows share
 * the bits that their largest step needs.
 */
export const sortKey = `${addressRank} * 16777216
  + if(${addressRank} & 1 = 1, 16777215 - ${startRank}, ${startRank})`

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
  const nameOf = (name: string): string => (name === 'end_at' ? 'held_us' : name)
  const sorted = (name: string): string => {
    if (name === 'end_at') return '(epoch_us(end_at) - epoch_us(start_at))::double as held_us'
    return enums.has(name) ? `${name}::enum_${name} as ${name}` : name
  }
  const outer = columns.map(({ name, rest }) =>
    rest === undefined ? nameOf(name) : `${rest} as ${name}`
  )
  const inner = columns.filter(({ rest }) => rest === undefined).map(({ name }) => sorted(name))
  if (isJoined) [outer, inner].forEach((list) => list.push('slices'))
  const where = [
    ...(from === undefined ? [] : [`${addressRank} >= ${from}`]),
    ...(to === undefined ? [] : [`${addressRank} < ${to}`]),
  ]
  return `select ${outer.join(', ')} from (select ${inner.join(', ')} from staged
    ${where.length === 0 ? '' : `where ${where.join(' and ')}`} order by ${sortKey})`
}
