import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import type { Offered } from '../../bench/generator.ts'
import { tsxLoader } from '../../cli/demo/endpoint-control.ts'
import type { Topology } from '../../cli/demo/topology.ts'
import type { LoggedEvent } from './conntrack-log.ts'

/** Connections of the generator: everything towards this prefix. */
const loadPrefix = '10.66.'

const generator = fileURLToPath(new URL('../../bench/generator.ts', import.meta.url))

/** A running blast of new UDP connections from the first inside host. */
export interface Load {
  /** Resolves with what was offered. */
  readonly done: Promise<Offered>
}

async function finish(child: ChildProcess): Promise<Offered> {
  let text = ''
  child.stdout?.setEncoding('utf8').on('data', (part: string) => (text += part))
  await once(child, 'close')
  return JSON.parse(text) as Offered
}

/** @param first number of the first connection: each number has a destination of its own */
export function startLoad(topology: Topology, rate: number, seconds: number, first = 0): Load {
  const args = ['--rate', `${rate}`, '--seconds', `${seconds}`, '--first', `${first}`]
  const argv = [process.execPath, '--import', tsxLoader(), generator, ...args]
  const child = topology.spawn(topology.hosts[0]?.namespace ?? '', argv, {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return { done: finish(child) }
}

/**
 * Dumps the table again and again, so that entries are released when their time is over, and few at
 * a time: left to itself, the kernel may take a minute.
 *
 * @returns ends it
 */
export function startReaping(topology: Topology): () => Promise<void> {
  const stop = new AbortController()
  const loop = (async () => {
    while (!stop.signal.aborted) {
      await topology.run(topology.gateway, ['sh', '-c', 'conntrack -L >/dev/null 2>&1'])
      await sleep(150)
    }
  })()
  return async () => {
    stop.abort()
    await loop
  }
}

/** One connection of the load as `conntrack -E` saw it; each is told by its destination. */
export interface Life {
  readonly key: string
  readonly newUs: number
  readonly destroyUs: number
}

/**
 * Lives of all connections of the load. One of which conntrack lost an event, as it does on a busy
 * machine, has no place here.
 */
export function livesOf(events: readonly LoggedEvent[]): Life[] {
  const begun = new Map<string, number>()
  const lives: Life[] = []
  for (const { kind, atUs, original } of events) {
    if (!original.dst.startsWith(loadPrefix)) continue
    const key = `${original.dst}:${original.dport}`
    if (kind === 'NEW') {
      begun.set(key, atUs)
      continue
    }
    const newUs = begun.get(key)
    if (newUs !== undefined) lives.push({ key, newUs, destroyUs: atUs })
    begun.delete(key)
  }
  return lives
}

/** A row of the ledger about a connection of the load. Times are microseconds since 1970. */
export interface Row {
  readonly key: string
  readonly flowId: string
  readonly insideIp: string
  readonly startUs: number
  readonly endUs: number
  readonly inferred: boolean
  readonly startUnknown: boolean
}

const rowsSql = `
  select host(remote_ip) || ':' || remote_port as key, flow_id as "flowId",
    host(inside_ip) as "insideIp", inferred, start_unknown as "startUnknown",
    (extract(epoch from start_at) * 1000000)::float8 as "startUs",
    (extract(epoch from end_at) * 1000000)::float8 as "endUs"
  from ledger.flows where remote_ip << '10.66.0.0/16' order by start_at, end_at`

/** Rows of the load by connection, each list in order of time. */
export async function readRows(client: pg.Client): Promise<Map<string, Row[]>> {
  const { rows } = await client.query<Row>(rowsSql)
  const byKey = new Map<string, Row[]>()
  for (const row of rows) {
    const list = byKey.get(row.key)
    if (list === undefined) byKey.set(row.key, [row])
    else list.push(row)
  }
  return byKey
}
