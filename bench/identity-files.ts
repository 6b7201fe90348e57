import { createWriteStream } from 'node:fs'
import { once } from 'node:events'

/** Files of leases and accounting for measurements: networks of many clients, in order of time. */

const firstMs = Date.UTC(2026, 2, 10)

const two = (n: number): string => String(n).padStart(2, '0')

function hex(n: number): string {
  return [24, 16, 8, 0].map((bits) => ((n >>> bits) & 255).toString(16).padStart(2, '0')).join(':')
}

function address(n: number): string {
  return `10.${64 + (n >>> 16)}.${(n >>> 8) & 255}.${n & 255}`
}

function leaseTime(ms: number): string {
  const at = new Date(ms)
  const date = `${at.getUTCFullYear()}/${two(at.getUTCMonth() + 1)}/${two(at.getUTCDate())}`
  const time = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`
  return `${at.getUTCDay()} ${date} ${time}`
}

/** A lease of an hour that is renewed each half hour, as dhcpd writes it: 11 lines. */
function leaseBlock(client: number, round: number): string {
  const ms = firstMs + round * 1_800_000 + (client % 1800) * 1000
  const [starts, ends] = [leaseTime(ms), leaseTime(ms + 3_600_000)]
  const uid = hex(client)
    .split(':')
    .map((octet) => `\\${Number.parseInt(octet, 16).toString(8).padStart(3, '0')}`)
    .join('')
  return `lease ${address(client)} {
  starts ${starts};
  ends ${ends};
  cltt ${starts};
  binding state active;
  next binding state free;
  rewind binding state free;
  hardware ethernet 02:00:${hex(client)};
  uid "\\001\\002\\000${uid}";
  client-hostname "client-${client}";
}
`
}

const detailDays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** A session of three hours with a report each half hour: 26 lines a record. */
function detailRecord(client: number, round: number, rounds: number): string {
  const ms = firstMs + round * 1_800_000 + (client % 1800) * 1000
  const at = new Date(ms)
  const status = round === 0 ? 'Start' : round === rounds - 1 ? 'Stop' : 'Interim-Update'
  const clock = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`
  return `${detailDays[at.getUTCDay()]} Mar ${at.getUTCDate()} ${clock} 2026
\tPacket-Type = Accounting-Request
\tUser-Name = "line${client}@example.net"
\tAcct-Status-Type = ${status}
\tAcct-Session-Id = "${client.toString(16).padStart(8, '0')}"
\tAcct-Unique-Session-Id = "${client.toString(16).padStart(32, '0')}"
\tAcct-Session-Time = ${round * 1800}
\tAcct-Delay-Time = 0
\tAcct-Authentic = RADIUS
\tAcct-Input-Octets = ${client * 7}
\tAcct-Output-Octets = ${client * 11}
\tAcct-Input-Packets = ${client}
\tAcct-Output-Packets = ${client}
\tService-Type = Framed-User
\tFramed-Protocol = PPP
\tFramed-IP-Address = ${address(client)}
\tFramed-IPv6-Prefix = 2001:db8:0:${(client & 0xffff).toString(16)}::/64
\tCalling-Station-Id = "02-00-${hex(client).toUpperCase().replaceAll(':', '-')}"
\tCalled-Station-Id = "bras1"
\tNAS-IP-Address = 198.51.100.${1 + (client % 4)}
\tNAS-Identifier = "bras${client % 4}"
\tNAS-Port = ${client}
\tNAS-Port-Type = PPPoEoVLAN
\tNAS-Port-Id = "0/0/1/${client % 4096}"
\tTimestamp = ${ms / 1000}

`
}

/** Kinds of files that can be made, and lines of one record. */
export const made = {
  dhcpd: { record: leaseBlock, lines: 11 },
  'radius-detail': { record: detailRecord, lines: 26 },
} as const

/**
 * Writes a file of about `lines` lines: each client is told of `rounds` times.
 *
 * @returns how many lines it has
 */
export async function makeFile(
  kind: keyof typeof made,
  path: string,
  lines: number,
  rounds: number
): Promise<number> {
  const { record, lines: each } = made[kind]
  const clients = Math.ceil(lines / each / rounds)
  const out = createWriteStream(path)
  for (let round = 0; round < rounds; round++) {
    for (let client = 0; client < clients; client += 1000) {
      const some = Array.from({ length: Math.min(1000, clients - client) }, (_, i) =>
        record(client + i, round, rounds)
      )
      if (!out.write(some.join(''))) await once(out, 'drain')
    }
  }
  out.end()
  await once(out, 'finish')
  return clients * rounds * each
}
