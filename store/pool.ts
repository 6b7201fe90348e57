import { Pool } from 'pg'
import type pg from 'pg'

/**
 * Makes a pool whose connections may break at any time. It hears of idle ones alone; one that
 * breaks between two statements of a transaction says so itself, which would end the process, and
 * again at the next statement.
 */
export function makePool(config: pg.PoolConfig): Pool {
  const pool = new Pool(config)
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}
