/** What is measured for reports now and then: room on disk and in the kernel's table. */
import { readFileSync, readdirSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import type pg from 'pg'
import type { Config } from '../../model/config.ts'
import { rollupGauges } from '../../model/rollup.ts'
import type { RollupOptions } from '../../store/rollups/rollups.ts'
import { spoolSize } from '../../store/spool-segments.ts'

/** The database looks at each of its files to say how large it is: not too often (ms). */
const databaseEveryMs = 300_000

type Sample = Awaited<ReturnType<NonNullable<RollupOptions['measure']>>>[number]

/** A number of this network namespace's connection tracking; undefined where there is none. */
function ofConntrack(name: string): number | undefined {
  try {
    const text = readFileSync(`/proc/sys/net/netfilter/${name}`, 'utf8').trim()
    return /^\d+$/.test(text) ? Number(text) : undefined
  } catch {
    return undefined
  }
}

function conntrackSamples(): Sample[] {
  const value = ofConntrack('nf_conntrack_count')
  const ceiling = ofConntrack('nf_conntrack_max')
  if (value === undefined || ceiling === undefined) return []
  return [{ gauge: rollupGauges.conntrackEntries, value, ceiling }]
}

/** Octets of all spools; one that goes away in the meantime has none. */
function spools(dataDir: string): number {
  const folder = join(dataDir, 'spool')
  const names = readdirSync(folder)
  return names.reduce((sum, name) => sum + spoolSize(join(folder, name)), 0)
}

function diskSamples(dataDir: string): Sample[] {
  try {
    const { bavail, blocks, bsize } = statfsSync(dataDir)
    return [
      { gauge: rollupGauges.freeOctets, value: bavail * bsize, ceiling: blocks * bsize },
      { gauge: rollupGauges.spoolOctets, value: spools(dataDir) },
    ]
  } catch {
    // What cannot be measured is no reason to write no flows.
    return []
  }
}

/**
 * The size of a database beside the data directory, whose growth fills the same disk. That of one
 * on another server is nothing that this host's disk says anything of.
 */
async function databaseSamples(client: pg.ClientBase): Promise<Sample[]> {
  const { rows } = await client.query<{ octets: string }>(
    'select pg_database_size(current_database()) as octets'
  )
  return [{ gauge: rollupGauges.databaseOctets, value: Number(rows[0]?.octets ?? 0) }]
}

/** Measures what the host of a collector has. */
export function makeMeasure({ dataDir, database }: Config): NonNullable<RollupOptions['measure']> {
  const isEmbedded = database.url === undefined
  let databaseAtMs = 0
  return async (client) => {
    const samples = [...conntrackSamples(), ...diskSamples(dataDir)]
    if (!isEmbedded || Date.now() - databaseAtMs < databaseEveryMs) return samples
    databaseAtMs = Date.now()
    return [...samples, ...(await databaseSamples(client))]
  }
}
