import { gzipSync } from 'node:zlib'
import { capture, data, templates } from './netflow-files.ts'

/** What the reader of a page has, and does beside what stands in it. */
export interface Prerequisites {
  /** They stand in the checkout, or in a clone of their own; else in a folder of their own. */
  readonly inCheckout?: boolean
  readonly inClone?: boolean
  /** The command that starts the program, where the page does; it goes on to the page's end. */
  readonly starts?: string
  /** Commands for which the machine's network has to be there. */
  readonly online?: readonly string[]
  /** Files by name; relative ones are in that folder. `csv` and the like: the page's own block. */
  readonly files?: Readonly<Record<string, string | Uint8Array | { readonly block: string }>>
  /** Commands that they have given. */
  readonly before?: string
  /** By command, a number of it that would take hours and a smaller one, given in its place. */
  readonly smaller?: Readonly<Record<string, readonly [asShown: string, given: string]>>
  /** Exit status where it is not 0, by command; 5 is `no-data`, as the reference has it. */
  readonly status?: Readonly<Record<string, number>>
  /** What they type when asked, by command. */
  readonly typed?: Readonly<Record<string, string>>
  /** By command, the language of the block that shows some of what it prints; empty for none. */
  readonly shows?: Readonly<Record<string, string>>
  /** Commands that go on. */
  readonly follows?: readonly string[]
}

const dhcpdLease = `lease 192.0.2.7 {
  starts 2 2026/03/10 12:00:00;
  ends 2 2026/03/10 13:00:00;
  binding state active;
  hardware ethernet 02:00:00:00:00:01;
}
`
const radiusDetail = `Tue Mar 10 12:00:00 2026
\tAcct-Status-Type = Start
\tUser-Name = "bob"
\tNAS-IP-Address = 198.51.100.1
\tAcct-Session-Id = "A1"
\tFramed-IP-Address = 192.0.2.7
\tTimestamp = 1773144000

`
const authLog = `2026-03-10T12:00:00Z gw sshd[7]: Accepted publickey for bob from 192.0.2.7 port 22 ssh2
2026-03-10T13:00:00Z gw portal: logout bob 192.0.2.7
`
const natLog = ['A', 'D']
  .map((step, at) => `2026-03-01T12:0${at}:00Z gw nat ${step} VRF 0 6 `)
  .map((line) => `${line}INT 10.0.0.5:51000 EXT 192.0.2.9:20000 DST 203.0.113.7:443 DIR OUT\n`)
  .join('')

const complaint = `From: Notices <notices@example.org>
To: abuse@example.net
Date: Sun, 1 Mar 2026 15:00:00 +0000
Subject: Notice
Content-Type: text/plain; charset=utf-8

IP: 192.0.2.1
Port: 40001
Time: 2026-03-01 12:00:00 UTC
`

/** The numbers of holds begin at 1. */
const twoHolds = `for port in 1 2; do
  flowledger hold place 192.0.2.1:$port --from 2026-03-01T08:00:00Z --to 2026-03-01T09:00:00Z \\
    --reason 'order 16/26' --expires 60d
done`

const radacct = `psql -c 'create table radacct (acctsessionid text, username text)' postgres`

const sendNetflow =
  'for each in templates.dat data.dat; do nc -u -N -w 1 127.0.0.1 2055 < $each; done'

const noData = (...commands: readonly string[]): Record<string, number> =>
  Object.fromEntries(commands.map((command) => [command, 5]))

export const prerequisites: Readonly<Record<string, Prerequisites>> = {
  'README.md': {
    inClone: true,
    starts: 'npm start',
    online: ['npm ci'],
    status: noData(
      "npx flowledger lookup 192.0.2.1:40001 '2026-03-01T12:00:00Z'",
      "npx flowledger lookup 192.0.2.1:40001 '2026-03-01 13:00:00' --tz Europe/Berlin --destination 203.0.113.7:443",
      "npx flowledger lookup '[2001:db8::7]:51000' -15m -o json"
    ),
  },
  'docs/tutorial/first-answer.md': {
    inClone: true,
    starts: 'npm start',
    online: ['npm ci'],
    shows: { 'npx flowledger demo': '' },
    status: noData('npx flowledger lookup 192.0.2.1:40001 -15m --tolerance 30s'),
  },
  'docs/how-to/batches.md': { files: { 'questions.csv': { block: 'csv' } } },
  'docs/how-to/cases.md': {
    before: twoHolds,
    status: noData(
      'flowledger lookup 192.0.2.1:40001 2026-03-01T08:12:44Z --case ABUSE-17 --evidence answer.json --pdf answer.pdf'
    ),
  },
  'docs/how-to/directory.md': { files: { 'subscribers.csv': { block: 'csv' } } },
  'docs/how-to/gateways.md': {
    files: { 'templates.dat': templates, 'data.dat': data },
    before: sendNetflow,
  },
  'docs/how-to/identity-sources.md': {
    files: {
      '/var/lib/dhcp/dhcpd.leases': dhcpdLease,
      '/var/log/freeradius/radacct/198.51.100.1/detail-20260310.gz': gzipSync(radiusDetail),
      '/var/log/syslog.1':
        'Mar 10 12:00:00 gw dnsmasq-dhcp[7]: DHCPACK(lan) 192.0.2.8 02:00:00:00:00:02 laptop\n',
      'portal.csv': 'time,user,ip\n2026-03-10T12:00:00Z,ann,192.0.2.9\n',
      'auth.log': authLog,
    },
    before: radacct,
  },
  'docs/how-to/netflow.md': {
    files: { 'templates.dat': templates, 'data.dat': data, 'capture.pcapng': capture },
  },
  'docs/how-to/notices.md': {
    files: { 'complaint.eml': complaint, 'pasted.txt': complaint },
    before: "flowledger case open 'Notice of Example Ltd' --reference C-17",
  },
  'docs/how-to/policy.md': { shows: { 'flowledger policy show': '' } },
  'docs/how-to/production.md': {
    inCheckout: true,
    typed: { 'createuser --createrole --pwprompt flowledger_owner': 'secret\nsecret\n' },
  },
  'docs/how-to/stream.md': {
    follows: [
      `nc -U /run/flowledger/stream.sock | jq -r 'select(.type=="flow") | .flow.detected_application_name'`,
    ],
  },
  'docs/how-to/syslog-nat.md': { files: { '/var/log/cgn1.log.1.gz': gzipSync(natLog) } },
  'docs/explanation/evidence.md': {
    before: `flowledger lookup 192.0.2.1:40001 now --evidence answer.json
flowledger key show --pem > key.pem`,
  },
  'docs/explanation/faults.md': {
    inCheckout: true,
    smaller: {
      'npx tsx scripts/fuzz.ts dns --minutes 60': ['--minutes 60', '--minutes 0.05'],
      'npx tsx scripts/fuzz.ts protocols --runs 100000 --table': ['100000', '1000'],
      'npx tsx scripts/fuzz.ts rules x509 --runs 10000000 --variants 100 --campaign /var/tmp/campaign --table':
        ['10000000', '5000'],
    },
  },
}
