import { sliceFlags } from '../../model/fields.ts'
import { maxSliceUs } from '../../model/limits.ts'
import { kindShifts } from '../flow-table.ts'
import { literal } from './duckdb.ts'
import { sealedColumns, sealedTypes } from './sealed-columns.ts'
import type { SealedName } from './sealed-columns.ts'
import type { SealedForm } from './sealed-layout.ts'

/**
 * Consecutive slices of one connection in one row of a file: the row spans them all, and says so by
 * a text of what differs in all slices but the last.
 *
 * ```
 * row     start_at ----------------------------------------------------- end_at
 * slices  '600000000 71 …          ,1200000000 9 …       '   the last: what is left
 *           from start_at            from the end before     from the end before
 * ```
 * The text has for each slice but the last: microseconds from the row's start to its end, octets,
 * packets, both of the other direction, `last_packet_ms` and `kind`. One column of text is smaller
 * than Parquet's lists of numbers, and costs a look-up less.
 *
 * Counters of the row are those of all slices; `kind` and `last_packet_ms` are those of the last.
 *
 * Only slices that touch are put together, of which each but the last says that more follow, and
 * that agree in all that is not in the text. So each slice comes out as it went in, and is still a
 * record with a name of its own; time that nobody watched is in none. A row spans no more than a
 * slice may: look-ups rely on it.
 */
const listed = [
  'octets',
  'packets',
  'reverse_octets',
  'reverse_packets',
  'last_packet_ms',
  'kind',
] as const

const counters = ['octets', 'packets', 'reverse_octets', 'reverse_packets'] as const

const types = new Map(sealedColumns.map(({ name, type }) => [name, sealedTypes[type][0]]))

/** Slices of a row at most, and the largest counter of one: what they add up to fits an int8. */
const [mostSlices, largestCounter] = [1024, 2 ** 52]

/** What all slices of a row have alike. When the connection began is in it, as it is meant. */
const alike = [
  `kind & ${(1 << kindShifts.endReason) - 1}`,
  'coalesce(connection_start_at, start_at)',
  ...sealedColumns
    .map(({ name }) => name)
    .filter((name) => !['start_at', 'end_at', 'connection_start_at', ...listed].includes(name)),
]

/** SQL: counters that can be added up. */
const fits = counters.map((name) => `${name} between 0 and ${largestCounter}`).join(' and ')

/** SQL: more slices of the connection follow. */
const continues = `(kind >> ${kindShifts.flags} & ${sliceFlags.continues}) = 1`

/**
 * Rows of a table that must be gone for it to be worth the while, as a share: a look-up has to
 * read the texts of a file that has them, and most hours have few connections that last long.
 */
const worthwhile = 0.1

/** True where so many rows say that others go on from them. */
export const mayJoinSql = `
  select count(*) filter (${continues}) > ${worthwhile} * count(*) from staged`

/** True where {@link joinSql} found so many. */
export const isWorthwhileSql = `
  select coalesce(sum(len(members) - 1), 0) > ${worthwhile} * (select count(*) from staged)
  from joined`

/** A column of `joined`, of the rows of a group. */
function joinedColumn(name: SealedName): string {
  if (counters.some((counter) => counter === name)) return `sum(${name})::bigint as ${name}`
  if (name === 'end_at') return 'max(end_at) as end_at'
  if (name === 'kind' || name === 'last_packet_ms') return `arg_max(${name}, n) as ${name}`
  return `arg_min(${name}, n) as ${name}`
}

/**
 * Makes the table `joined` of the rows of `staged` that become one: all columns, and `members`,
 * their row ids. A slice begins a row of its own unless it touches the one before; starts grow, so
 * that none of it is hidden by another.
 */
export const joinSql = `
  create temp table joined as
  with slice as (
    select rowid as id, source, flow_id, kind & ${1 << kindShifts.view} as view, start_at, end_at,
      row(${alike.join(', ')}) as same, ${fits} as fits, ${continues} as goes_on
    from staged
    semi join (select source, flow_id from staged where ${continues}) using (source, flow_id)),
  linked as (
    select id, source, flow_id, view, start_at, end_at, row_number() over w as place,
      coalesce(lag(end_at) over w = start_at and lag(start_at) over w < start_at
        and lag(goes_on and fits) over w and fits
        and lag(same) over w is not distinct from same, false) as goes_on
    from slice window w as (partition by source, flow_id order by view, start_at, end_at, id)),
  placed as (
    select id, source, flow_id, start_at, end_at, place,
      last_value(if(goes_on, null, place) ignore nulls) over w as first_place,
      last_value(if(goes_on, null, start_at) ignore nulls) over w as first_at
    from linked
    window w as (partition by source, flow_id order by view, start_at, end_at, id
      rows unbounded preceding)),
  part as (
    select id, source, flow_id, first_place, start_at, place - first_place as n,
      if(epoch_us(end_at) - epoch_us(first_at) <= ${maxSliceUs}, (place - first_place)
        // ${mostSlices}, -place) as part
    from placed),
  member as (
    select id, source, flow_id, first_place, part, n, min(start_at) over w as row_at,
      max(n) over w as last_n
    from part window w as (partition by source, flow_id, first_place, part)
    qualify count(*) over w > 1)
  select ${sealedColumns.map(({ name }) => joinedColumn(name)).join(', ')},
    string_agg(concat_ws(' ', epoch_us(end_at) - epoch_us(row_at), ${listed.join(', ')}), ','
      order by n) filter (n < last_n) as slices,
    list(id) as members
  from (select s.*, m.* exclude (source, flow_id) from staged s join member m on m.id = s.rowid)
  group by source, flow_id, first_place, part`

/** Puts `joined` in the place of its members. */
export const replaceSql = [
  'delete from staged where rowid in (select unnest(members) from joined)',
  'alter table staged add column slices varchar',
  'insert into staged by name select * exclude (members) from joined',
]

/**
 * The slices of a sealed file, as something to select from: {@link sealedColumns} and
 * `file_row_number`.
 *
 * @param where a condition on whole rows; it must hold for a row where it holds for a slice of it
 */
export function slicesIn(path: string, { format, joined }: SealedForm, where = 'true'): string {
  const read = `read_parquet(${literal(path)}, file_row_number = true)`
  const endAt = 'make_timestamptz(epoch_us(start_at) + held_us::bigint) as end_at'
  const file = format < 4 ? read : `(select * exclude (held_us), ${endAt} from ${read})`
  if (joined === 0) return `(select * from ${file} where ${where})`
  const startAt = 'if(n > 1, row_at + to_microseconds(parts[n - 1][1]), row_at)'
  const values = listed.map((name, index) => {
    const isCounter = counters.some((counter) => counter === name)
    const of = `parts[n][${index + 2}]`
    const rest = isCounter
      ? `${name} - coalesce(list_sum([p[${index + 2}] for p in parts]), 0)`
      : name
    return `coalesce(${of}, ${rest})::${types.get(name)} as ${name}`
  })
  return `(
    select * exclude (slices, parts, n, since, row_at) replace (
      ${startAt} as start_at, coalesce(row_at + to_microseconds(parts[n][1]), end_at) as end_at,
      nullif(since, ${startAt}) as connection_start_at,
      ${values.join(',\n      ')})
    from (select *, unnest(range(1, coalesce(len(parts), 0) + 2)) as n
      from (select *, start_at as row_at, coalesce(connection_start_at, start_at) as since,
          [string_split(one, ' ')::bigint[] for one in string_split(slices, ',')] as parts
        from ${file} where ${where})))`
}
