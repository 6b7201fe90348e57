/**
 * The columns of `ledger.flow`, in the order in which COPY sends them (migrations/0001-ledger.ts,
 * 0011-names.ts, 0012-nat-events.ts).
 */
export const flowColumns = [
  'public_key',
  'start_at',
  'end_at',
  'connection_start_at',
  'flow_id',
  'octets',
  'reverse_octets',
  'packets',
  'reverse_packets',
  'conntrack_id',
  'last_packet_ms',
  'inside_port',
  'remote_port',
  'source',
  'protocol',
  'kind',
  'inside_ip',
  'remote_ip',
  'extra',
  'application',
  'protocol_name',
  'host_name',
  'user_name',
] as const

/** The statement that takes what the encoder writes. */
export const copyFlows = `copy ledger.flow (${flowColumns.join(', ')}) from stdin (format binary)`

/**
 * The column `kind`, an int2 that is never negative:
 *
 * ```
 *   14      11 10            3  2    1 0
 * +-----------+---------------+----+-----+
 * | sliceFlags| flowEndReason |view| nat |
 * +-----------+---------------+----+-----+
 * ```
 */
export const kindShifts = { view: 2, endReason: 3, flags: 11 } as const

/** Bits of sliceFlags that `kind` has room for. */
export const maxFlags = 15
