import type { Database } from '../../store/database.ts'
import { readPool } from '../../store/rollups/read-pool.ts'

/** How one public address was used. */
export interface AddressUse {
  readonly address: string
  /** The most inside hosts in any hour; null where that was not counted. */
  readonly hosts: number | null
  readonly connections: number
  /** Ports in use, over the whole time and at the highest. */
  readonly mean: number
  readonly peak: number
  /** Connections, as a multiple of what an address has on average. */
  readonly share: number
}

/** How evenly public addresses were used. */
export interface PoolUse {
  readonly addresses: readonly AddressUse[]
  /** The fullest address against the mean, in connections. */
  readonly fullest: number
  readonly summary: string
}

const hourUs = 3600e6

/** Reads how evenly public addresses were used, the most used first. */
export async function readUsage(
  database: Database,
  fromUs: number,
  toUs: number
): Promise<PoolUse> {
  const from = Math.floor(fromUs / hourUs) * hourUs
  const to = Math.ceil(toUs / hourUs) * hourUs
  const query = { width: 'hour', fromUs: from, toUs: to, stepUs: hourUs } as const
  const pool = await readPool(database, { ...query, metric: 'max', limit: 0 }, toUs)
  const total = pool.reduce((sum, { connections }) => sum + connections, 0)
  const mean = total / Math.max(1, pool.length)
  const addresses = pool
    .map(({ address, subscribers, connections, mean: ports, max }) => ({
      address,
      hosts: subscribers,
      connections,
      mean: ports,
      peak: max,
      share: mean === 0 ? 0 : connections / mean,
    }))
    .toSorted((a, b) => b.connections - a.connections)
  const fullest = addresses[0]?.share ?? 0
  const hours = Math.round((to - from) / hourUs)
  const summary =
    pool.length === 0
      ? `No public address was used in the last ${hours} hours, as far as it is summed up.`
      : `${total} connections by ${pool.length} public addresses in ${hours} hours; ` +
        `the fullest carried ${fullest.toFixed(3)} times the mean.`
  return { addresses, fullest, summary }
}
