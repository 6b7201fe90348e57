import { deflateRawSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  maxMailDepth,
  maxNoticeBytes,
  maxNoticeLines,
  maxSightings,
} from '../../../lookup-api/notices/limits.ts'
import { lines, read } from './reading.ts'

/** What is refused, with its reason, and what it costs: nothing else of the message. */

const good = (n = 1): string =>
  '<Infringement><Case><ID>good</ID></Case><Source><TimeStamp>2015-05-06T05:00:00Z</TimeStamp>' +
  `<IP_Address>198.51.100.${n}</IP_Address><Port>51413</Port></Source></Infringement>`
const goodLine = '198.51.100.1 51413 2015-05-06T05:00:00.000Z'

const mail = (headers: readonly string[], body: string): string =>
  ['From: a@example.org', 'To: b@example.net', 'MIME-Version: 1.0', ...headers, '', body].join(
    '\r\n'
  )

const multipart = (parts: readonly string[]): string =>
  mail(
    ['Content-Type: multipart/mixed; boundary=B'],
    `${parts.map((part) => `--B\r\n${part}\r\n`).join('')}--B--\r\n`
  )

const attached = (bytes: Uint8Array, name: string): string =>
  `Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="${name}"\r\n` +
  `Content-Transfer-Encoding: base64\r\n\r\n${Buffer.from(bytes).toString('base64')}`

/** A ZIP archive of one file, whose header may lie about its size. */
function zip(name: string, content: Uint8Array, claimed = content.length, count = 1): Buffer {
  const data = deflateRawSync(content)
  const local = Buffer.alloc(30)
  local.writeUInt32LE(0x04034b50, 0)
  local.writeUInt16LE(8, 8)
  local.writeUInt32LE(data.length, 18)
  local.writeUInt32LE(claimed, 22)
  local.writeUInt16LE(name.length, 26)
  const entry = Buffer.alloc(46)
  entry.writeUInt32LE(0x02014b50, 0)
  entry.writeUInt16LE(8, 10)
  entry.writeUInt32LE(data.length, 20)
  entry.writeUInt32LE(claimed, 24)
  entry.writeUInt16LE(name.length, 28)
  const directory = Buffer.concat([entry, Buffer.from(name)])
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(count, 10)
  end.writeUInt32LE(directory.length * count, 12)
  end.writeUInt32LE(local.length + name.length + data.length, 16)
  const directories = Array.from({ length: count }, () => directory)
  return Buffer.concat([local, Buffer.from(name), data, ...directories, end])
}

describe('XML', () => {
  test('entities that grow into a bomb, and the document after them', async () => {
    const bomb =
      '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa">' +
      '<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>\n' +
      '<Infringement><Source><IP_Address>&b;</IP_Address></Source></Infringement>\n'
    const reading = await read(`${bomb}\n\n${good()}`)
    expect(lines(reading)).toEqual([goodLine])
    expect(reading.skipped.map(({ reason }) => reason).join()).toContain('DTD')
  })

  test('external entities are not fetched', async () => {
    const xml =
      '<!DOCTYPE Infringement [<!ENTITY x SYSTEM "file:///etc/passwd">]><Infringement><Source>' +
      '<TimeStamp>2015-05-06T05:00:00Z</TimeStamp><IP_Address>&x;</IP_Address></Source></Infringement>'
    const reading = await read(xml)
    expect(lines(reading)).toEqual([])
    expect(reading.skipped).toHaveLength(1)
  })

  test('a reference to an entity that nobody declared is text', async () => {
    const reading = await read(good().replace('198.51.100.1', '&ip;'))
    expect(lines(reading)).toEqual(['- 51413 2015-05-06T05:00:00.000Z'])
  })

  test.each([
    ['elements without end', '<a>'.repeat(30_000), 'deep'],
    ['many elements', '<a/>'.repeat(30_000), 'elements'],
    ['a long text', 'a'.repeat(2 << 20), 'characters'],
  ])('%s', async (_, inside, reason) => {
    const reading = await read(`<Infringement>${inside}</Infringement>\n${good()}`)
    expect(lines(reading)).toEqual([goodLine])
    expect(reading.skipped.map((one) => one.reason).join()).toContain(reason)
  })

  test('marks that begin and never end', async () => {
    for (const mark of ['<!--', '<![CDATA[', '<?', '<a "', '&#']) {
      const reading = await read(`<Infringement>${mark.repeat(50_000)}</Infringement>\n${good()}`)
      expect(lines(reading).filter((line) => line !== goodLine)).toEqual([])
    }
  })
})

describe('archives', () => {
  const zeroes = Buffer.alloc(64 << 20)

  test.each([
    ['gzip', gzipSync(zeroes), 'bomb.gz'],
    ['zip', zip('a.txt', zeroes), 'bomb.zip'],
    ['zip that lies about its size', zip('a.txt', zeroes, 100), 'bomb.zip'],
    [
      'zip that names one file a thousand times',
      zip('a.txt', zeroes.subarray(0, 1 << 20), 100, 1000),
      'bomb.zip',
    ],
  ])('%s', async (_, bytes, name) => {
    const reading = await read(
      multipart([attached(bytes, name), `Content-Type: text/xml\r\n\r\n${good()}`])
    )
    expect(lines(reading)).toEqual([goodLine])
    expect(reading.skipped.length).toBeGreaterThan(0)
  })

  test('an archive in an archive is not opened; a good one is', async () => {
    const inner = zip('notice.xml', Buffer.from(good()))
    expect(lines(await read(inner))).toEqual([goodLine])
    expect(lines(await read(gzipSync(good())))).toEqual([goodLine])
    const reading = await read(zip('inner.zip', inner))
    expect(lines(reading)).toEqual([])
    expect(reading.skipped).toEqual([
      { part: 'message > inner.zip', reason: 'An archive in an archive is not opened.' },
    ])
  })

  test('an archive cut anywhere', async () => {
    const whole = zip('notice.xml', Buffer.from(good()))
    for (let at = 4; at < whole.length; at += 7) {
      const reading = await read(whole.subarray(0, at))
      expect(lines(reading)).toEqual([])
      expect(reading.skipped.length).toBeGreaterThan(0)
    }
  })
})

describe('mail', () => {
  test('too large, too many lines, empty', async () => {
    for (const bytes of [
      Buffer.alloc(maxNoticeBytes + 1),
      Buffer.alloc(maxNoticeLines + 1, 10),
      Buffer.alloc(0),
    ]) {
      const reading = await read(bytes)
      expect(reading.notices).toEqual([])
      expect(reading.skipped).toHaveLength(1)
    }
  })

  test('a mail as large as is taken', async () => {
    const padding = `${'x'.repeat(75)}\n`.repeat(Math.floor((maxNoticeBytes - 2000) / 76))
    const reading = await read(mail([], `${good()}\r\n${padding}`))
    expect(lines(reading)).toEqual([goodLine])
    expect(reading.skipped.map(({ reason }) => reason).join()).toContain('more lines')
  })

  test('a flood of headers', async () => {
    const flood = Array.from({ length: 20_000 }, (_, i) => `X-${i}: ${'a'.repeat(50)}`)
    const reading = await read(mail(flood, good()))
    expect(reading.notices).toEqual([])
    expect(reading.skipped).toEqual([
      { part: 'message', reason: expect.stringContaining('headers') as string },
    ])
  })

  test('parts in parts in parts', async () => {
    const opening = Array.from(
      { length: 500 },
      (_, i) => `Content-Type: multipart/mixed; boundary=B${i}\r\n\r\n--B${i}\r\n`
    )
    const reading = await read(`From: a@example.org\r\nTo: b@example.net\r\n${opening.join('')}`)
    expect(reading.notices).toEqual([])
    expect(reading.skipped.map(({ reason }) => reason).join()).toContain('deep')
  })

  test('mails in mails in mails', async () => {
    const wrap = (inner: string): string =>
      multipart([`Content-Type: message/rfc822\r\n\r\n${inner}`])
    let deep = mail([], good())
    for (let i = 0; i < maxMailDepth + 2; i++)
      deep = wrap(deep.replaceAll('=B', '=BB').replaceAll('--B', '--BB'))
    const reading = await read(deep)
    expect(reading.notices).toEqual([])
    expect(reading.skipped.map(({ reason }) => reason).join()).toContain('deep')
  })

  test('invalid UTF-8 around it', async () => {
    const bytes = Buffer.concat([
      Buffer.from([0xff, 0xc0, 0x80, 10]),
      Buffer.from(good()),
      Buffer.from([0xfe]),
    ])
    expect(lines(await read(bytes))).toEqual([goodLine])
  })

  test('more sightings than are kept are counted', async () => {
    const rows = Array.from(
      { length: maxSightings + 20 },
      (_, i) => `198.51.100.1,${20_000 + i},2015-05-06T05:00:00Z`
    )
    const [notice] = (await read(`ip,src_port,timestamp\n${rows.join('\n')}`)).notices
    expect(notice?.sightings).toHaveLength(maxSightings)
    expect(notice?.sightingsLeftOut).toBe(20)
  })
})

test('HTML of white space, where each place of it once was looked at from each', async () => {
  const spaces = ' '.repeat(1 << 19)
  const wrapped = 'a \r\n'.repeat(1 << 15)
  const html = `<html><body>${spaces}<b>${wrapped}</b><p>IP: 198.51.100.1<br>Port: 51413<br>
Time: 2015-05-06T05:00:00Z</p></body></html>`
  expect(lines(await read(html, {}, 'text/html'))).toEqual([goodLine])
})

test('a value of X-ARF with white space around it and in it', async () => {
  const wide = ' '.repeat(1 << 18)
  const report = `Reported-From: a@example.org\nReport-Type: login-attack\nVersion: a${wide}x
Source:  "198.51.100.1"\nSource-Port: 51413\t \nDate: \t2015-05-06T05:00:00Z  \n`
  expect(lines(await read(report))).toEqual([goodLine])
})

test('octets of any kind: read to the end, without an exception', async () => {
  const pieces = fc.constantFrom(
    '<Infringement>',
    '</Infringement>',
    '<Source>',
    'IP: ',
    '198.51.100.1',
    ':',
    '51413',
    '\n',
    '> ',
    '=',
    'Time: ',
    '2015-05-06T05:00:00Z',
    ' UTC',
    '-06000',
    '{',
    '"',
    '\u0000',
    '\r',
    'PK\u0003\u0004',
    '|',
    ',',
    'Content-Type: multipart/mixed; boundary=B\n\n',
    '--B\n',
    'From: a@b.c\nTo: d@e.f\n',
    '[',
    '(',
    'Feb 7 '
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(pieces, fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 60 }),
      async (parts) => {
        const reading = await read(parts.join(''))
        expect(Array.isArray(reading.notices)).toBe(true)
      }
    ),
    { numRuns: 1000 }
  )
})
