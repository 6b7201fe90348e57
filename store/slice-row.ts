import { v4MappedWord } from '../model/address.ts'
import type { AddressWords } from '../model/address.ts'
import type { NatKind } from '../model/nat-view.ts'
import type { Slice } from '../model/slice.ts'
import { kindShifts, maxFlags } from './flow-table.ts'
import { microseconds } from './timestamp.ts'

/** A row of `ledger.flow` as {@link sliceColumns} selects it: int8 as text, bytea as a Buffer. */
export interface FlowRow {
  readonly public_key: string
  readonly start_us: string
  readonly end_us: string
  readonly connection_start_us: string
  readonly flow_id: string
  readonly octets: string
  readonly reverse_octets: string
  readonly packets: string
  readonly reverse_packets: string
  readonly conntrack_id: number
  readonly last_packet_ms: number
  readonly inside_port: number
  readonly remote_port: number
  readonly source: number
  readonly protocol: number
  readonly kind: number
  readonly inside_ip: Buffer
  readonly remote_ip: Buffer
  readonly extra: Buffer
  readonly application: string | null
  readonly protocol_name: string | null
  readonly host_name: string | null
  readonly user_name: string | null
}

/** What a query selects to read slices. */
export const sliceColumns = `public_key,
  ${microseconds('start_at')} as start_us, ${microseconds('end_at')} as end_us,
  ${microseconds('connection_start_at')} as connection_start_us,
  flow_id, octets, reverse_octets, packets, reverse_packets, conntrack_id, last_packet_ms,
  inside_port, remote_port, source, protocol, kind, inside_ip, remote_ip, extra,
  application, protocol_name, host_name, user_name`

function wordsAt(octets: Buffer, at: number): AddressWords {
  return [
    octets.readUInt32BE(at),
    octets.readUInt32BE(at + 4),
    octets.readUInt32BE(at + 8),
    octets.readUInt32BE(at + 12),
  ]
}

/** Octets of a far end of which a keyed hash is kept, see store/retention/purge-fields.ts. */
const hashOctets = 32

function wordsOf(octets: Buffer): AddressWords {
  if (octets.length === hashOctets) return [0, 0, 0, 0]
  return octets.length === 4 ? [0, 0, v4MappedWord, octets.readUInt32BE(0)] : wordsAt(octets, 0)
}

/**
 * The public address: of a key that is not negative it is the key itself, see model/public-key.ts.
 */
function publicWords(key: bigint, extra: Buffer): AddressWords {
  if (key >= 0n) return [0, 0, v4MappedWord, Number(key >> 16n)]
  return wordsAt(extra, 8)
}

/** The second view of a connection has the ordinal 1. */
export function ordinalOf(row: FlowRow): number {
  return (row.kind >> kindShifts.view) & 1
}

/** A row as an object. `source` is the source's name. */
export function sliceOf(row: FlowRow, source: string): Slice {
  const key = BigInt(row.public_key)
  const endUs = Number(row.end_us)
  return {
    source,
    flowId: BigInt.asUintN(64, BigInt(row.flow_id)),
    open: false,
    natKind: (row.kind & 3) as NatKind,
    protocol: row.protocol,
    zone: row.extra.length >= 8 ? row.extra.readUInt32BE(0) : 0,
    inside: { ip: wordsOf(row.inside_ip), port: row.inside_port & 0xffff },
    public: { ip: publicWords(key, row.extra), port: Number(key & 0xffffn) },
    remote: { ip: wordsOf(row.remote_ip), port: row.remote_port & 0xffff },
    ...(row.remote_ip.length === hashOctets ? { remoteHash: row.remote_ip.toString('hex') } : {}),
    connectionStartUs: Number(row.connection_start_us),
    startUs: Number(row.start_us),
    endUs,
    lastPacketUs: endUs - row.last_packet_ms * 1000,
    octets: BigInt(row.octets),
    packets: BigInt(row.packets),
    reverseOctets: BigInt(row.reverse_octets),
    reversePackets: BigInt(row.reverse_packets),
    conntrackId: row.conntrack_id >>> 0,
    mark: row.extra.length >= 8 ? row.extra.readUInt32BE(4) : 0,
    endReason: (row.kind >> kindShifts.endReason) & 0xff,
    flags: (row.kind >> kindShifts.flags) & maxFlags,
    ...(row.application === null ? {} : { application: row.application }),
    ...(row.protocol_name === null ? {} : { protocolName: row.protocol_name }),
    ...(row.host_name === null ? {} : { hostName: row.host_name }),
    ...(row.user_name === null ? {} : { userName: row.user_name }),
  }
}
