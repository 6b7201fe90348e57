import { expect } from 'vitest'
import type { IdentityFileKind } from '../../../../model/identity-sources.ts'
import { identityFormats } from '../../../../collector/identity/formats.ts'
import type { IdentityReader, ReaderOptions } from '../../../../collector/identity/reader.ts'
import type { IdentityEvent } from '../../../../model/identity.ts'
import { parseZone } from '../../../../model/time-zone.ts'

/** A file of a format, made of records that stand alone. */
export interface Sample {
  readonly kind: IdentityFileKind
  /** What has to stand before the first record. */
  readonly header: string
  /** Each tells at least one statement, about another address or device than the others. */
  readonly records: readonly string[]
  readonly options?: Partial<ReaderOptions>
}

export const nowUs = Date.UTC(2026, 2, 11) * 1000

const mac = (n: number): string => `02:00:00:00:00:0${n}`
const numbers = [1, 2, 3, 4]

export const samples: Readonly<Record<string, Sample>> = {
  dhcpd: {
    kind: 'dhcpd',
    header: '# The format of this file is documented in the dhcpd.leases(5) manual page.\n\n',
    records: numbers.map(
      (n) => `lease 192.0.2.${n} {
  starts 2 2026/03/10 12:0${n}:00;
  ends 2 2026/03/10 13:0${n}:00;
  cltt 2 2026/03/10 12:0${n}:00;
  binding state active;
  next binding state free;
  hardware ethernet ${mac(n)};
  uid "\\001\\002\\000\\000\\000\\000\\00${n}";
  set vendor-class-identifier = "a;b{c}";
  client-hostname "host${n}";
}
`
    ),
  },
  dhcpd6: {
    kind: 'dhcpd',
    header: 'authoring-byte-order little-endian;\nserver-duid "\\000\\001ab";\n\n',
    records: numbers.map(
      (n) => `ia-na "\\00${n}\\000\\000\\000\\000\\001\\000\\001\\034\\"\\\\zz" {
  cltt 2 2026/03/10 12:00:00;
  iaaddr 2001:db8::${n} {
    binding state active;
    preferred-life 375;
    max-life 600;
    ends 2 2026/03/10 12:10:00;
  }
}

`
    ),
  },
  kea4: {
    kind: 'kea',
    header:
      'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,' +
      'state,user_context,pool_id\n',
    records: numbers.map(
      (n) => `192.0.2.${n},${mac(n)},01:${mac(n)},3600,177314760${n},1,0,0,a&#x2cb${n},0,,0\n`
    ),
  },
  kea6: {
    kind: 'kea',
    header:
      'address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,' +
      'fqdn_fwd,fqdn_rev,hostname,hwaddr,state,user_context,hwtype,hwaddr_source,pool_id\n',
    records: numbers.map(
      (n) => `2001:db8:${n}::,00:01:00:0${n},4000,1773147600,1,3000,2,${n},56,0,0,,,0,,1,0,0\n`
    ),
  },
  keaLegal: {
    kind: 'kea-legal',
    header: '',
    options: { zone: parseZone('Europe/Berlin') },
    records: numbers.map(
      (n) =>
        `2026-03-10 12:00:0${n} CET Address: 192.0.2.${n} has been assigned for 1 hrs 0 min 0 secs ` +
        `to a device with hardware address: hwtype=1 ${mac(n)}, client-id: 68:69 (hi) connected via ` +
        'relay at address: 192.0.2.254, identified by circuit-id: 01:02 and remote-id: 68:6f (ho)\n'
    ),
  },
  dnsmasqLeases: {
    kind: 'dnsmasq',
    header: 'duid 00:01:00:01:aa\n',
    records: [
      ...numbers.map((n) => `177400000${n} ${mac(n)} 192.0.2.${n} host${n} *\n`),
      '1774000000 T5 2001:db8::5 * 00:01:00:05\n',
    ],
  },
  dnsmasqLog: {
    kind: 'dnsmasq',
    header: 'Mar 10 12:00:00 gw dnsmasq[1]: started\n',
    options: { zone: parseZone('UTC') },
    records: numbers.map(
      (n) => `Mar 10 12:00:0${n} gw dnsmasq-dhcp[1]: DHCPACK(lan) 192.0.2.${n} ${mac(n)} host${n}\n`
    ),
  },
  dnsmasqScript: {
    kind: 'dnsmasq',
    header: '',
    records: numbers.map((n) => `177314400${n} add ${mac(n)} 192.0.2.${n} host${n}\n`),
  },
  radiusDetail: {
    kind: 'radius-detail',
    header: '',
    records: numbers.map(
      (n) => `Tue Mar 10 12:00:00 2026
\tPacket-Type = Accounting-Request
\tUser-Name = "us\\"er${n}"
\tAcct-Status-Type = Interim-Update
\tAcct-Session-Id = "0000000${n}"
\tAcct-Session-Time = 600
\tNAS-IP-Address = 198.51.100.1
\tFramed-IP-Address = 192.0.2.${n}
\tDelegated-IPv6-Prefix = 2001:db8:${n}::/56
\tCalling-Station-Id = "02-00-00-00-00-0${n}"
\tAcct-Delay-Time = 10
\tTimestamp = 1773144000

`
    ),
  },
  radacct: {
    kind: 'radacct',
    header:
      'radacctid,acctsessionid,acctuniqueid,username,nasipaddress,acctstarttime,acctupdatetime,' +
      'acctstoptime,callingstationid,framedipaddress,class\n',
    records: numbers.map(
      (n) =>
        `${n},S${n},u${n},"bob, ""the"" ${n}",198.51.100.1,2026-03-10 12:00:0${n}+01,` +
        `2026-03-10 12:30:00+01,,02-00-00-00-00-0${n},192.0.2.${n},\n`
    ),
  },
  loginsTable: {
    kind: 'logins',
    header: 'time,user,ip\n',
    records: numbers.map((n) => `2026-03-10T12:00:0${n}Z,bob${n},192.0.2.${n}\n`),
  },
  loginsLines: {
    kind: 'logins',
    header: 'Mar 10 12:00:00 gw cron[1]: nothing of ours\n',
    options: {
      zone: parseZone('UTC'),
      patterns: ['{time} {*} portal: login {user} from {ip}'],
    },
    records: numbers.map((n) => `Mar 10 12:00:0${n} gw portal: login bob${n} from 192.0.2.${n}\n`),
  },
  hostapd: {
    kind: 'hostapd',
    header: '',
    options: { zone: parseZone('UTC') },
    records: numbers.map(
      (n) => `Mar 10 12:00:0${n} ap1 hostapd: wlan0: AP-STA-CONNECTED ${mac(n)}\n`
    ),
  },
}

export function open({ kind, options }: Sample, more: Partial<ReaderOptions> = {}): IdentityReader {
  const given = { name: 'file', nowUs: () => nowUs, writtenUs: nowUs, ...options, ...more }
  return new identityFormats[kind](given)
}

export interface Read {
  readonly events: IdentityEvent[]
  readonly reader: IdentityReader
}

/** Reads a text that comes in pieces. */
export function read(
  sample: Sample,
  pieces: readonly (string | Buffer)[],
  more: Partial<ReaderOptions> = {}
): Read {
  const reader = open(sample, more)
  const events: IdentityEvent[] = []
  for (const piece of pieces) {
    reader.push(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)
    events.push(...reader.take())
  }
  reader.end()
  events.push(...reader.take())
  return { events, reader }
}

export function textOf({ header, records }: Sample): string {
  return header + records.join('')
}

/** The statements of one record, wherever it stands. */
export function told(events: readonly IdentityEvent[]): Omit<IdentityEvent, 'record'>[] {
  return events.map((event) => {
    const { record, ...rest } = event
    expect(record).not.toBe('')
    return rest
  })
}

/** Sum of all that was refused or not known. */
export function faults({ counters }: IdentityReader): number {
  const refused = Object.values(counters.refused).reduce((sum, count) => sum + count, 0)
  return refused + counters.unknown
}
