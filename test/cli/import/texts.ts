import type { IdentityFileKind } from '../../../model/identity-sources.ts'
import {
  flowFields,
  flowRecord,
  ipfix,
  noon,
  sessionEvent,
  sessionFields,
  set,
  template,
} from '../../collector/netflow/messages.ts'
import { samples } from '../../collector/identity/conformance/samples.ts'
import { event } from './world.ts'

/** Files of each kind that imports read, of more than one transaction. */

const two = (n: number): string => String(n).padStart(2, '0')
const hex = (n: number, digits: number): string => n.toString(16).padStart(digits, '0')

/** Connections of a few hosts, each open while the next hundreds begin. */
export function conntrackText(connections: number): string {
  const life = 300
  const lines: string[] = []
  for (let i = 0; i < connections + life; i++) {
    if (i < connections) lines.push(event(i * 1000, 'NEW', i))
    if (i >= life) lines.push(event(i * 1000 + 500, 'DESTROY', i - life))
  }
  // Sums by host name the first hundreds of each transaction alone: here all of them.
  return lines.join('').replaceAll(/src=10\.0\.\d+\.(\d)\d*/g, 'src=10.0.0.$1')
}

export function syslogText(sessions: number): string {
  const life = 300
  const line = (second: number, act: string, i: number): string => {
    const time = `12:${two(Math.floor(second / 60))}:${two(second % 60)}`
    const ends = `INT 10.0.0.${i % 50}:${1024 + (i % 60_000)} EXT 192.0.2.1:${1024 + (i % 60_000)}`
    return `<134>1 2026-03-01T${time}Z gw nat - - - ${act} VRF 0 6 ${ends}\n`
  }
  const lines: string[] = []
  for (let i = 0; i < sessions + life; i++) {
    const second = Math.floor(i / 10)
    if (i < sessions) lines.push(line(second, 'A', i))
    if (i >= life) lines.push(line(second, 'D', i - life))
  }
  return lines.join('')
}

const eventOf = (natEvent: number, session: number): Buffer =>
  sessionEvent(natEvent, {
    atMs: (noon + (natEvent === 5 ? 60 : 0)) * 1000 + session,
    ports: [session + 1, session + 1024],
  })

/** Flows of one domain between the begin and the end of sessions of the next one. */
export function ipfixFile(domain: number, flows: number): Buffer {
  const sessions = 200
  const events = (kind: number): Buffer[] =>
    Array.from({ length: sessions / 20 }, (_, part) => {
      const records = Array.from({ length: 20 }, (__, i) => eventOf(kind, 20 * part + i))
      return ipfix({ domain: domain + 1 }, set(257, ...records))
    })
  const batch = Array.from({ length: 30 }, () => flowRecord())
  return Buffer.concat([
    ipfix({ domain }, set(2, template(256, flowFields))),
    ipfix({ domain: domain + 1 }, set(2, template(257, sessionFields))),
    ...events(4),
    ...Array.from({ length: Math.ceil(flows / 30) }, () => ipfix({ domain }, set(256, ...batch))),
    ...events(5),
  ])
}

/** Record 1 of a sample, told of another address, device, person and session. */
const renumbered = (record: string, n: number): string =>
  record
    .replaceAll('192.0.2.1', `10.1.${n >> 8}.${n & 255}`)
    .replaceAll('02:00:00:00:00:01', `02:00:00:00:${hex(n >> 8, 2)}:${hex(n & 255, 2)}`)
    .replaceAll('02-00-00-00-00-01', `02-00-00-00-${hex(n >> 8, 2)}-${hex(n & 255, 2)}`)
    .replaceAll('host1', `host${n}`)
    .replaceAll('bob1', `bob${n}`)
    // One statement for each record: what is told of two is gathered for longer.
    .replaceAll(/\tDelegated.*\n/g, '')
    .replaceAll('"00000001"', `"${hex(n, 8)}"`)
    .replaceAll('S1,u1', `S${n},u${n}`)

const sampleOf: Readonly<Record<IdentityFileKind, string>> = {
  dhcpd: 'dhcpd',
  kea: 'kea4',
  'kea-legal': 'keaLegal',
  dnsmasq: 'dnsmasqLog',
  'radius-detail': 'radiusDetail',
  radacct: 'radacct',
  logins: 'loginsTable',
  hostapd: 'hostapd',
}

/** What is read at a time, and statements from which on they are written (cli/import). */
const chunkBytes = 1 << 20
const someEvents = 16_384

/** A file of two transactions, the second of which is small. */
export function identityText(kind: IdentityFileKind): string {
  const { header = '', records: [first = ''] = [] } = samples[sampleOf[kind]] ?? {}
  const lines = [header]
  let length = header.length
  let end = Infinity
  for (let n = 1; length < end; n++) {
    const line = renumbered(first, n)
    lines.push(line)
    length += line.length
    if (n === someEvents) end = Math.ceil(length / chunkBytes) * chunkBytes + chunkBytes / 8
  }
  return lines.join('')
}
