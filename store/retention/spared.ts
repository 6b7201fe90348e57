import type pg from 'pg'

/** Holds that bind. */
export const inForce =
  '(h.released_at is null and (h.expires_at is null or h.expires_at > clock_timestamp()))'

/**
 * SQL that is true of a block of ports `t` that a hold in force is about: it is of the address,
 * meets the time, and has the port where the hold names one. `address_key` is the key with port 0.
 */
export async function spareBlocks(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query<{ any: boolean }>(
    `select exists (select from cases.hold h where ${inForce}) as any`
  )
  if (rows[0]?.any !== true) return 'false'
  return `exists (select from cases.hold h where ${inForce} and h.first_key is not null
    and t.address_key = (h.first_key >> 16) << 16
    and (h.octets is null or h.octets = t.public_ip)
    and (h.port is null or h.port between t.port_start and t.port_end or t.is_address)
    and t.start_at <= h.to_at + interval '1 minute'
    and t.end_at >= h.from_at - interval '1 minute')`
}

/**
 * SQL that is true of a holding `t` of an inside address that a held row shows, at the time of that
 * row: without it a held row would say of nobody that he was it.
 */
export const sparedHolding = `exists (select from ledger.held f join cases.hold h on h.id = f.hold
    where ${inForce} and t.prefix >>= ledger.address(f.inside_ip)
      and t.start_at <= f.end_at + interval '1 hour'
      and t.end_at >= f.start_at - interval '1 hour')`
