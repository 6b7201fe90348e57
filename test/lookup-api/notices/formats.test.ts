import { expect, test } from 'vitest'
import { toNoticeRules } from '../../../model/notices-settings.ts'
import { messageJson } from '../../../lookup-api/notices/present.ts'
import { lines, read } from './reading.ts'

/** One of each format beside ACNS, and what stands in its way. */

const mail = (type: string, body: string, from = 'notices@example.org'): string =>
  [
    `From: ${from}`,
    'To: abuse@example.net',
    'Date: Wed, 06 May 2015 09:00:00 -0700',
    'MIME-Version: 1.0',
    `Content-Type: ${type}`,
    '',
    body,
  ].join('\n')

test('the example of 2010: no address, but its port and time', async () => {
  const text =
    'Timestamp of report: 07 Feb 2010 23:12:44 GMT\nIP address: 163.1.xxx.yyy\nPort ID: 30854\n'
  const [notice] = messageJson(await read(text)).notices
  expect(notice?.sightings).toMatchObject([
    {
      ip: null,
      ip_given: '163.1.xxx.yyy',
      port: 30854,
      at: '2010-02-07T23:12:44.000Z',
      uncertain: false,
      missing: ['ip'],
    },
  ])
  expect(notice?.sightings[0]?.reasons.join()).toContain('not an IP address')
})

const feedback = (fields: readonly string[]): string =>
  [
    '--B',
    'Content-Type: text/plain',
    '',
    'This is a report of 203.0.113.1 at 2015-05-07T00:00:00Z.',
    '--B',
    'Content-Type: message/feedback-report',
    '',
    ...fields,
    '--B',
    'Content-Type: message/rfc822',
    '',
    'Received: from x (x [203.0.113.2]) by y; Mon, 4 May 2015 05:00:00 +0000',
    'From: spammer@example.com',
    'Subject: IP: 203.0.113.3',
    '',
    'IP: 203.0.113.4',
    'Time: 2015-05-07T00:00:00Z',
    '--B--',
  ].join('\n')

const marf = 'multipart/report; report-type=feedback-report; boundary=B'

test('MARF: the report speaks, not the words before it nor the mail behind it', async () => {
  const fields = [
    'Feedback-Type: abuse',
    'Version: 1',
    'Source-IP: ::ffff:198.51.100.7',
    'Source-Port: 51413',
    'Arrival-Date: Wed, 06 May 2015 05:00:00',
    ' +0000',
  ]
  const reading = await read(mail(marf, feedback(fields)))
  expect(reading.notices.map(({ format }) => format)).toEqual(['marf'])
  expect(lines(reading)).toEqual(['198.51.100.7 51413 2015-05-06T05:00:00.000Z'])
})

test('MARF without a date has no time: that of the mail is another', async () => {
  const reading = await read(
    mail(marf, feedback(['Feedback-Type: abuse', 'Source-IP: 198.51.100.7']))
  )
  expect(lines(reading)).toEqual(['198.51.100.7 - -'])
})

test('X-ARF of version 0, lines of YAML in a mail: its port is the one attacked', async () => {
  const body = [
    '--B',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'Attack from 198.51.100.7, see below.',
    '--B',
    'Content-Type: text/plain; charset=utf-8; name="report.txt"',
    '',
    '---',
    'Reported-From: cert@example.org',
    'Category: abuse',
    'Report-Type: login-attack',
    'Service: ssh',
    'Port: 22',
    'Date: Wed, 06 May 2015 05:00:00 +0000',
    'Source: 198.51.100.7',
    'Source-Type: ip-address',
    'Report-ID: 77@example.org',
    'Schema-URL: http://www.x-arf.org/schema/abuse_login-attack_0.1.2.json',
    '--B--',
  ].join('\n')
  const reading = await read(mail('multipart/mixed; boundary=B', body))
  expect(reading.notices.map(({ format, id }) => [format, id])).toEqual([
    ['xarf', '77@example.org'],
  ])
  expect(lines(reading)).toEqual(['198.51.100.7 - 2015-05-06T05:00:00.000Z'])
  expect(reading.notices[0]?.sightings[0]?.destinationPort).toBe(22)
})

test('tables: a bare port is said to be of the address only where the table says so', async () => {
  const service =
    'timestamp,ip,port,protocol,tag,asn,geo\n2015-05-06 05:00:00Z,198.51.100.7,445,tcp,smb,64500,DE\n'
  const [open] = messageJson(await read(service, {}, 'text/csv')).notices
  expect(open?.sightings).toMatchObject([{ port: 445, port_role: 'listening', protocol: 'tcp' }])
  const attack = 'timestamp,ip,port\n2015-05-06 05:00:00Z,198.51.100.7,22\n'
  expect(lines(await read(attack))).toEqual(['198.51.100.7 - 2015-05-06T05:00:00.000Z'])
  const both =
    'date;time;src_ip;src_port;dst_ip;port\n06.05.2015;05:00:00 UTC;198.51.100.7;50000;203.0.113.1;22\n'
  expect(lines(await read(both, { rules: toNoticeRules({ senders: [] }) }))).toEqual([
    '198.51.100.7 50000 2015-05-06T05:00:00.000Z|2015-06-05T05:00:00.000Z ?',
  ])
})

test('what is not sure of a table of no zone, and what its header says', async () => {
  const row = '2015-05-06 05:00:00,198.51.100.7,50000\n'
  const rules = toNoticeRules({ zone: 'UTC', senders: [] })
  expect(lines(await read(`timestamp,ip,src_port\n${row}`, { rules }))).toEqual([
    '198.51.100.7 50000 2015-05-06T05:00:00.000Z ?',
  ])
  expect(lines(await read(`timestamp (UTC),ip,src_port\n${row}`))).toEqual([
    '198.51.100.7 50000 2015-05-06T05:00:00.000Z',
  ])
  expect(lines(await read(`All times are GMT+2.\n\ntimestamp,ip,src_port\n${row}`))).toEqual([
    '198.51.100.7 50000 2015-05-06T03:00:00.000Z',
  ])
})

test('profiles of senders: their zone and the order of their dates', async () => {
  const rules = toNoticeRules({
    zone: 'Europe/Berlin',
    senders: [
      { from: '*@example.org', zone: 'America/Los_Angeles', date_order: 'mdy' },
      { from: 'eu@example.org', zone: 'Europe/Paris', date_order: 'dmy' },
    ],
  })
  const body = 'IP: 198.51.100.7\nSource port: 50000\nTime of attack: 05/06/2015 05:00:00\n'
  const from = (address: string) => read(mail('text/plain', body, address), { rules })
  expect(lines(await from('any@example.org'))).toEqual([
    '198.51.100.7 50000 2015-05-06T12:00:00.000Z',
  ])
  expect(lines(await from('eu@example.org'))).toEqual([
    '198.51.100.7 50000 2015-06-05T03:00:00.000Z',
  ])
  // Of a stranger: either order, and UTC, the site's zone or that of the mail's own clock.
  const [stranger] = (await from('x@example.com')).notices
  expect(stranger?.sightings[0]?.time?.instants).toHaveLength(6)
  expect(stranger?.sightings[0]?.uncertain).toBe(true)
})

test('a text that disagrees with its table is one instant, written twice', async () => {
  const text = 'Attack seen from 198.51.100.7 on 2015-05-06 06:00:00 +01:00.\n'
  const table = 'ip,src_port,timestamp\n198.51.100.7,50000,2015-05-06T05:00:00Z\n'
  const reading = await read(`${text}\n${table}`)
  const instants = reading.notices.flatMap(({ sightings }) =>
    sightings.flatMap(({ time }) => time?.instants)
  )
  expect(new Set(instants).size).toBe(1)
})

test('first and last: when they differ nobody can say which is meant', async () => {
  const seen = (last: string): string =>
    `Infringer's IP Address: 198.51.100.7\nInfringer's Port: 51413\n` +
    `Initial Infringement Timestamp: 2015-05-06T05:00:00Z\nRecent Infringement Timestamp: ${last}\n`
  expect(lines(await read(seen('2015-05-06T05:00:00Z')))).toEqual([
    '198.51.100.7 51413 2015-05-06T05:00:00.000Z',
  ])
  expect(lines(await read(seen('2015-05-07T05:00:00Z')))).toEqual([
    '198.51.100.7 51413 2015-05-06T05:00:00.000Z|2015-05-07T05:00:00.000Z ?',
  ])
})

test.each([
  ['a prefix', 'IP: 198.51.100.0/24\nTime of attack: 2015-05-06T05:00:00Z'],
  ['octets with leading zeros', 'IP: 198.051.100.007\nTime of attack: 2015-05-06T05:00:00Z'],
  ['nobody', 'IP: 0.0.0.0\nTime of attack: 2015-05-06T05:00:00Z'],
])('no address: %s', async (_, text) => {
  const [notice] = messageJson(await read(text)).notices
  expect(notice?.sightings).toMatchObject([{ ip: null, missing: ['ip', 'port'] }])
})

test('the time of a letter, of a header in it, or of a report is nobody’s', async () => {
  const texts = [
    'Date: 2015-05-07 10:00:00 UTC\n\nDear Sir,\nwe have a complaint about one of yours.\n\nIP: 198.51.100.7\nPort: 51413\n',
    'IP: 198.51.100.7\nPort: 51413\nReport date: 2015-05-07 10:00:00 UTC\nNotice sent: 2015-05-07 10:00:00 UTC\n',
    'From: a@example.org\nSent: Thu, 07 May 2015 10:00:00 +0000\nTo: b@example.org\nDate: Thu, 07 May 2015 10:00:00 +0000\nSubject: x\n\nIP: 198.51.100.7\nPort: 51413\n',
    'IP: 198.51.100.7\nPort: 51413\n\nReply before 2015-05-09 10:00:00 UTC.\n',
  ]
  for (const text of texts) expect(lines(await read(text))).toEqual(['198.51.100.7 51413 -'])
})

test('items at other times than their source: which is meant has to be asked', async () => {
  const xml = (item: string): string =>
    '<Infringement><Source><TimeStamp>2015-05-06T05:00:00Z</TimeStamp>' +
    '<IP_Address>198.51.100.7</IP_Address><Port>51413</Port></Source><Content>' +
    `<Item><TimeStamp>${item}</TimeStamp></Item></Content></Infringement>`
  expect(lines(await read(xml('2015-05-06T07:00:00+02:00')))).toEqual([
    '198.51.100.7 51413 2015-05-06T05:00:00.000Z',
  ])
  expect(lines(await read(xml('2015-05-06T05:00:09Z')))).toEqual([
    '198.51.100.7 51413 2015-05-06T05:00:00.000Z|2015-05-06T05:00:09.000Z ?',
  ])
  // A source without a zone has the one that its item names.
  expect(lines(await read(xml('2015-05-06T05:00:00Z').replace('00Z<', '00<')))).toEqual([
    '198.51.100.7 51413 2015-05-06T05:00:00.000Z',
  ])
})

test('an empty source, and port 0, are said', async () => {
  const empty = await read('<Infringement><Case><ID>1</ID></Case><Source></Source></Infringement>')
  expect(empty.notices[0]?.remarks.join()).toContain('empty')
  const zero =
    '<Infringement><Source><IP_Address>198.51.100.7</IP_Address><Port>0</Port></Source></Infringement>'
  expect(lines(await read(zero))).toEqual(['198.51.100.7 - -'])
})

test('a name is all that stands before its colon, and another time seen is another', async () => {
  const text =
    'Infringement source: BitTorrent\nInfringement Timestamp: 6 May 2015 05:00:00 GMT\n' +
    'Infringer IP Address: 198.51.100.7\nInfringer Port: 51413\n\nAlso seen at:\n2015-05-07 05:00:00 UTC\n'
  expect(lines(await read(text))).toEqual(['198.51.100.7 51413 2015-05-06T05:00:00.000Z'])
})

test('a time that is merely one must agree with that of the event beside it', async () => {
  const text =
    'IP: 198.51.100.7\nSource port: 51413\nTime of attack: 2015-05-06T05:00:00Z\nTime: 2015-05-06T06:00:00Z\n'
  expect(lines(await read(text))).toEqual([
    '198.51.100.7 51413 2015-05-06T05:00:00.000Z|2015-05-06T06:00:00.000Z ?',
  ])
})

test('an answer to a packet names nobody: which end is meant is asked', async () => {
  const sent = '2015-05-06 05:00:00.1 UTC 198.51.100.7.51413 > 203.0.113.1.53: UDP, length 30\n'
  const back = '2015-05-06 05:00:00.2 UTC 203.0.113.1.53 > 198.51.100.7.51413: UDP, length 300\n'
  expect(lines(await read(sent))).toEqual(['198.51.100.7 51413 2015-05-06T05:00:00.100Z'])
  expect(lines(await read(back))).toEqual(['203.0.113.1 53 2015-05-06T05:00:00.200Z ?'])
  const both = lines(await read(sent + back))
  expect(both.filter((line) => line.endsWith('?'))).toHaveLength(2)
  // Where the notice names one of the two, it is that one.
  const named = lines(await read(`Attacker IP: 198.51.100.7\n${back}`))
  expect(named).toEqual(['198.51.100.7 51413 2015-05-06T05:00:00.200Z'])
})
