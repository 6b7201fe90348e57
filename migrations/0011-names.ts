import { sql } from 'kysely'
import type { Kysely } from 'kysely'

/**
 * What connections were found to be: the application, what is spoken, and the name of the server
 * as the client asked for it. Null is not known. A row without any takes 8 octets more than before,
 * the bitmap of its nulls; docs/decisions/0002-the-row-of-the-ledger.md has the figures.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table ledger.flow add application text, add protocol_name text, add host_name text
  `.execute(db)
  await sql`
    create or replace view ledger.flows as
    select s.name as source, f.flow_id,
      (array['none', 'source', 'destination'])[(f.kind & 3) + 1] as nat,
      f.protocol,
      ledger.address(f.inside_ip) as inside_ip, f.inside_port::integer & 65535 as inside_port,
      ledger.public_address(f.public_key, f.extra) as public_ip,
      (f.public_key & 65535)::integer as public_port,
      ledger.address(f.remote_ip) as remote_ip, f.remote_port::integer & 65535 as remote_port,
      f.connection_start_at, f.start_at, f.end_at,
      f.end_at - f.last_packet_ms * interval '1 millisecond' as last_packet_at,
      f.octets, f.packets, f.reverse_octets, f.reverse_packets,
      ledger.word(f.extra, 0) as zone, ledger.word(f.extra, 4) as mark,
      f.conntrack_id::bigint & 4294967295 as conntrack_id,
      (f.kind >> 2 & 1) as view, (f.kind >> 3 & 255) as end_reason,
      (f.kind >> 11 & 1) = 1 as continues, (f.kind >> 12 & 1) = 1 as inferred,
      (f.kind >> 13 & 1) = 1 as start_unknown, (f.kind >> 14 & 1) = 1 as observed_times,
      f.application, f.protocol_name, f.host_name
    from ledger.flow f join ledger.source s on s.id = f.source`.execute(db)
}
