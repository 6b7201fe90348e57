import type { Database } from './database.ts'
import { fromInt8, toTimestamp } from './timestamp.ts'

/** A connection of the ledger, with what it was found to be. */
export interface JudgedConnection {
  readonly nat: 'none' | 'source' | 'destination'
  readonly protocol: number
  readonly insideIp: string
  readonly insidePort: number
  readonly remoteIp: string
  readonly remotePort: number
  readonly startUs: number
  readonly octets: number
  readonly mark: number
  readonly application: string | null
  readonly protocolName: string | null
  readonly hostName: string | null
}

interface Row {
  readonly nat: JudgedConnection['nat']
  readonly protocol: number
  readonly inside_ip: string
  readonly inside_port: number
  readonly remote_ip: string
  readonly remote_port: number
  readonly start_us: string
  readonly octets: string
  readonly mark: string | null
  readonly application: string | null
  readonly protocol_name: string | null
  readonly host_name: string | null
}

/**
 * Connections of which a slice ended since a time, the latest first.
 *
 * @param most rows that are read at the most
 */
export async function readJudged(
  database: Database,
  fromUs: number,
  most: number
): Promise<readonly JudgedConnection[]> {
  const rows = await database.query<Row>('read connections and what they are', {
    text: `select nat, protocol, host(inside_ip) as inside_ip, inside_port,
        host(remote_ip) as remote_ip, remote_port,
        (extract(epoch from connection_start_at) * 1000000)::bigint as start_us,
        (octets + reverse_octets) as octets, mark::text as mark,
        application, protocol_name, host_name
      from ledger.flows where end_at >= $1 order by end_at desc limit $2`,
    values: [toTimestamp(fromUs), most],
  })
  return rows.map((row) => ({
    nat: row.nat,
    protocol: row.protocol,
    insideIp: row.inside_ip,
    insidePort: row.inside_port,
    remoteIp: row.remote_ip,
    remotePort: row.remote_port,
    startUs: fromInt8(row.start_us),
    octets: Number(row.octets),
    mark: Number(row.mark ?? 0),
    application: row.application,
    protocolName: row.protocol_name,
    hostName: row.host_name,
  }))
}
