import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { FlowledgerError } from '../../model/errors.ts'
import { connect } from '../connect.ts'
import { queryError } from '../database-error.ts'
import { listPartitions, partitionUs } from '../partitions.ts'
import { oldestUs } from '../refusals.ts'
import { openSigningKey } from '../signing-key.ts'
import { archiveLock } from './archive-lock.ts'
import { partitionName } from './commit-seal.ts'
import type { SealContext } from './commit-seal.ts'
import { lastHourBefore, sealHour } from './seal-hour.ts'
import type { SealedHour } from './seal-hour.ts'

/** What is sealed, and for whom. */
export interface SealOptions extends Pick<
  SealContext,
  'dataDir' | 'actor' | 'limits' | 'onProgress' | 'onAside' | 'onStep'
> {
  readonly ownerUrl: string
  readonly directory: string
  readonly nowUs: number
  /** Hours that ended longer ago than this are sealed. */
  readonly olderThanUs: number
  /** This hour alone, by any instant in it. */
  readonly hourUs?: number
  /** Told before the first hour: how many rows are expected, as far as PostgreSQL can tell. */
  readonly onExpected?: (rows: number) => void
  readonly onSealed?: (sealed: SealedHour) => void
  /** Ends after the hour under way. */
  readonly signal?: AbortSignal
}

/**
 * Seals the hours that are old enough, oldest first. What was begun and not ended before is done
 * anew; hours that are sealed already are not there to be sealed.
 *
 * @throws FlowledgerError `seal-failed`, also where somebody else is at it; `database-unreachable`,
 *   `database-failed`, `audit-unwritable`
 */
export async function sealHours(options: SealOptions): Promise<readonly SealedHour[]> {
  const directory = resolve(options.directory)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const key = await openSigningKey(options.dataDir)
  const client = await connect(options.ownerUrl)
  try {
    const { rows } = await client.query<{ free: boolean }>(
      'select pg_try_advisory_lock($1) as free',
      [archiveLock]
    )
    if (rows[0]?.free !== true) {
      throw new FlowledgerError('seal-failed', 'Hours are being sealed by another process.', {
        fix: 'Wait until it is done; one at a time changes the archive.',
      })
    }
    const names = await client.query<{ id: number; name: string }>(
      'select id, name from ledger.source'
    )
    const sources = new Map(names.rows.map(({ id, name }) => [id, name]))
    const sealed: SealedHour[] = []
    const hours = await hoursToSeal(client, options)
    options.onExpected?.(await rowsOf(client, hours))
    for (const hourUs of hours) {
      if (options.signal?.aborted === true) break
      const hour = await sealHour({ ...options, client, directory, key, sources }, hourUs)
      options.onSealed?.(hour)
      sealed.push(hour)
    }
    return sealed
  } catch (error) {
    throw queryError(error, 'seal an hour')
  } finally {
    await client.end()
  }
}

/** What a row takes in PostgreSQL without its index, for partitions that nobody analysed yet. */
const rowOctets = 130

/** What partitions may hold, from what PostgreSQL knows of them: no row is counted or locked. */
async function rowsOf(client: SealContext['client'], hours: readonly number[]): Promise<number> {
  const { rows } = await client.query<{ expected: number }>(
    `select coalesce(sum(
         case when reltuples < 0 then pg_relation_size(oid) / ${rowOctets} else reltuples end
       ), 0)::float8 as expected
     from pg_class where relnamespace = 'ledger'::regnamespace and relname = any($1)`,
    [hours.map(partitionName)]
  )
  return Math.round(rows[0]?.expected ?? 0)
}

async function hoursToSeal(
  client: SealContext['client'],
  { nowUs, olderThanUs, hourUs }: SealOptions
): Promise<readonly number[]> {
  const database = {
    query: async <Row extends object>(_: string, query: { text: string }) =>
      (await client.query(query)).rows as Row[],
  }
  const last = lastHourBefore(nowUs, olderThanUs)
  const hours = await listPartitions(database, oldestUs, last)
  if (hourUs === undefined) return hours
  const wanted = Math.floor(hourUs / partitionUs) * partitionUs
  return hours.filter((hour) => hour === wanted)
}
