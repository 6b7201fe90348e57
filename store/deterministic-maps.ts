import { createHash } from 'node:crypto'
import { canonicalJson } from '../model/canonical-json.ts'
import { deterministicDefinition, outerBounds, poolOf } from '../model/deterministic-definition.ts'
import type { DeterministicDefinition } from '../model/deterministic-definition.ts'
import { FlowledgerError } from '../model/errors.ts'
import type { Database } from './database.ts'
import { fromInt8, fromNullableInt8, microseconds, toTimestamp } from './timestamp.ts'

/** A map in the times in which it was in force: [fromUs, toUs). */
export interface DeterministicMap {
  readonly id: number
  readonly name: string
  readonly definition: DeterministicDefinition
  /** SHA-256 of the definition in canonical JSON, hexadecimal. */
  readonly digest: string
  readonly fromUs: number
  /** Left out: still in force. */
  readonly toUs?: number
}

interface MapRow {
  readonly id: string
  readonly name: string
  readonly definition: unknown
  readonly digest: Buffer
  readonly from_us: string
  readonly to_us: string | null
}

const mapColumns = `id, name, definition, digest, ${microseconds('valid_from')} as from_us,
  ${microseconds('valid_to')} as to_us`

function mapOf(row: MapRow): DeterministicMap {
  const toUs = fromNullableInt8(row.to_us)
  return {
    id: Number(row.id),
    name: row.name,
    definition: deterministicDefinition.parse(row.definition),
    digest: row.digest.toString('hex'),
    fromUs: fromInt8(row.from_us),
    ...(toUs === undefined ? {} : { toUs }),
  }
}

/** Every map, by name and time. */
export async function listMaps(database: Database): Promise<readonly DeterministicMap[]> {
  const rows = await database.query<MapRow>('list deterministic maps', {
    text: `select ${mapColumns} from ledger.deterministic_map order by name, valid_from`,
  })
  return rows.map(mapOf)
}

/** Maps in force at any time of a window, of which a public address may be. */
export interface MapQuery {
  /** IPv4 as text; left out: of any address. */
  readonly outside?: string
  readonly fromUs: number
  readonly toUs: number
}

/** The maps that a question may be answered by. */
export async function findMaps(
  database: Database,
  { outside, fromUs, toUs }: MapQuery
): Promise<readonly DeterministicMap[]> {
  const rows = await database.query<MapRow>('find deterministic maps', {
    name: 'find maps',
    text: `select ${mapColumns} from ledger.deterministic_map
      where valid_from <= $2 and (valid_to is null or valid_to > $1)
        and ($3::inet is null or $3::inet between first_address and last_address)
      order by id`,
    values: [toTimestamp(fromUs), toTimestamp(toUs), outside ?? null],
  })
  return rows.map(mapOf)
}

/**
 * Puts a map in force from a time on. The one of the same name that was in force until then ends
 * there: what it said before stays answerable.
 *
 * @throws FlowledgerError `usage` where a later version is there already
 */
export async function setMap(
  database: Database,
  name: string,
  definition: DeterministicDefinition,
  fromUs: number
): Promise<DeterministicMap> {
  const [first, last] = outerBounds(poolOf(definition))
  const digest = createHash('sha256').update(canonicalJson(definition)).digest()
  const from = toTimestamp(fromUs)
  // One statement: there is no moment in which neither of the two is in force.
  const rows = await database.query<MapRow>('set a deterministic map', {
    text: `
      with later as (
        select 1 from ledger.deterministic_map
        where name = $1 and (valid_from >= $6 or valid_to > $6)
      ), ended as (
        update ledger.deterministic_map set valid_to = $6
        where name = $1 and valid_to is null and not exists (select from later)
        returning id
      )
      insert into ledger.deterministic_map
        (name, definition, digest, first_address, last_address, valid_from)
      select $1, $2, $3, $4, $5, $6
      where not exists (select from later) and (select count(*) from ended) >= 0
      returning ${mapColumns}`,
    values: [name, JSON.stringify(definition), digest, first, last, from],
  })
  const [row] = rows
  if (row !== undefined) return mapOf(row)
  throw new FlowledgerError('usage', `"${name}" has a version that begins later or at that time.`, {
    fix: 'A map in force is never changed behind its back: choose a later --from, or a new name.',
  })
}

/**
 * Ends a map.
 *
 * @returns false where none of this name is in force then
 */
export async function endMap(database: Database, name: string, atUs: number): Promise<boolean> {
  const rows = await database.query<{ id: string }>('end a deterministic map', {
    text: `update ledger.deterministic_map set valid_to = $2
      where name = $1 and valid_to is null and valid_from < $2 returning id`,
    values: [name, toTimestamp(atUs)],
  })
  return rows.length > 0
}
