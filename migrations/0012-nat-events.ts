import { sql } from 'kysely'
import type { Kysely } from 'kysely'

/**
 * Which limit a notice of a gateway is of. `detail` is natQuotaExceededEvent (element 466) or
 * natThresholdEvent (467), by the event; `configured_limit` the value of the limit that goes with
 * it (elements 471 to 481). Null: the gateway did not tell. `id` orders events of one instant.
 *
 * Sessions too have the subscriber as their gateway calls him; null where it does not.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table ledger.nat_event
      add column id bigint generated always as identity,
      add column detail bigint,
      add column configured_limit bigint`.execute(db)
  await sql`drop index ledger.nat_event_at`.execute(db)
  await sql`create unique index nat_event_at on ledger.nat_event (at, id)`.execute(db)
  await sql`alter table ledger.flow add user_name text`.execute(db)
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
      f.application, f.protocol_name, f.host_name, f.user_name
    from ledger.flow f join ledger.source s on s.id = f.source`.execute(db)
}
