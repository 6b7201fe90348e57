/** How the prober of bench/whole-path.ts asks whether a connection's end can be found yet. */
import { readFileSync } from 'node:fs'
import { connect } from '../store/connect.ts'
import { addressText, connection } from './whole-path-plan.ts'
import type { Planned } from './whole-path-plan.ts'

export interface Sought {
  readonly n: number
  readonly madeMs: number
  /** When the kernel took its entry away; undefined while it stands. */
  endedMs: number | undefined
  afterMs: number | null
}

export interface Asker {
  /** Asks about all that are sought at once, and notes those that are found. */
  ask(open: readonly Sought[]): Promise<void>
  close(): Promise<void>
}

export const protocolOf = ({ kind }: Planned): 'tcp' | 'udp' =>
  kind === 'tls' || kind === 'http' ? 'tcp' : 'udp'

function note(one: Sought): void {
  const nowMs = Date.now()
  one.afterMs = nowMs - (one.endedMs ?? nowMs)
}

interface Answer {
  readonly id: string
  readonly answer?: {
    readonly candidates: readonly {
      readonly inside: { readonly ip: string }
      readonly open: boolean
      readonly end: string | null
    }[]
  }
}

function questionOf({ n, madeMs }: Sought): string {
  const planned = connection(n)
  const { public: outer, port } = planned
  const protocol = protocolOf(planned)
  const at = new Date(madeMs).toISOString()
  const question = { id: String(n), ip: addressText(outer), port, protocol, at, tolerance: '1s' }
  return `${JSON.stringify(question)}\n`
}

/** One batch of look-ups: found is what has a row that says that it is over. */
export function lookups(origin: string, tokenFile: string): Asker {
  const authorization = `Bearer ${readFileSync(tokenFile, 'utf8').trim()}`
  const headers = { authorization, 'content-type': 'application/x-ndjson' }
  return {
    async ask(open) {
      const body = open.map(questionOf).join('')
      const response = await fetch(`${origin}/v1/lookups`, { method: 'POST', headers, body })
      const text = await response.text()
      if (!response.ok) throw new Error(text)
      for (const line of text.trim().split('\n')) {
        const { id, answer } = JSON.parse(line) as Answer
        const one = open.find(({ n }) => String(n) === id)
        if (one === undefined) continue
        if (answer === undefined) throw new Error(line)
        const inside = addressText(connection(one.n).client)
        if (answer.candidates.find(({ inside: { ip } }) => ip === inside)?.open === false) note(one)
      }
    },
    close: () => Promise.resolve(),
  }
}

/**
 * The rows that ulogd2 has added since the last time: its table has no index by address and port,
 * and to read what is new is the least that can be asked of it.
 */
export async function newRows(url: string): Promise<Asker> {
  const client = await connect(url)
  const newest = await client.query<{ id: string }>(
    'select coalesce(max(_ct_id), 0) as id from ulog2_ct'
  )
  let last = newest.rows[0]?.id ?? '0'
  return {
    async ask(open) {
      const { rows } = await client.query<{ id: string; ip: string; port: number }>(
        `select _ct_id as id, host(reply_ip_daddr_str) as ip, reply_l4_dport as port
         from ulog2_ct where _ct_id > $1 order by _ct_id`,
        [last]
      )
      last = rows.at(-1)?.id ?? last
      const found = new Set(rows.map(({ ip, port }) => `${ip} ${port}`))
      for (const one of open) {
        const planned = connection(one.n)
        if (found.has(`${addressText(planned.public)} ${planned.port}`)) note(one)
      }
    },
    close: () => client.end(),
  }
}
