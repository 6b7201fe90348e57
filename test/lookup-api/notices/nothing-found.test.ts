import { describe, expect, test } from 'vitest'
import { maxNoticeBytes } from '../../../lookup-api/notices/limits.ts'
import { read } from './reading.ts'

const mail = (type: string, body: string): string =>
  `From: a@example.org\r\nTo: b@example.net\r\nMIME-Version: 1.0\r\n${type}\r\n\r\n${body}`

const plain = 'Content-Type: text/plain'
const picture =
  'Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n'
const pdf =
  'Content-Type: application/pdf; name=letter.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n' +
  `${Buffer.from('%PDF-1.7\n\0\0\0').toString('base64')}\r\n`
const two = (part: string): string =>
  mail(
    'Content-Type: multipart/mixed; boundary=B',
    `--B\r\n${plain}\r\n\r\nPlease see below.\r\n--B\r\n${part}--B--\r\n`
  )

/** Each is no notice; what is said of it names what is lacking. */
const cases: readonly (readonly [what: string, message: string, why: RegExp])[] = [
  [
    'words',
    'Are you open on Monday?',
    /^No notice was found\. message: It holds no IP address and/,
  ],
  ['a mail of words', mail(plain, 'Call me at 10:30.'), /body: It holds no IP address\.$/],
  ['an address in a sentence', 'I like 192.0.2.4 most.', /but no time, and the address does not/],
  [
    'an address and a time apart',
    'We met on 2026-03-01.\n\nYour server\n192.0.2.4\nis fine.',
    /No IP address in it stands behind a name/,
  ],
  ['a mail without words', mail(plain, ''), /There is nothing in it|There is no text in it/],
  ['a scan', two(picture), /Pictures, sound and films are not read; it has 1\./],
  ['a document', two(pdf), /Not read, for reasons of their own: 1\./],
  ['nothing', '', /^No notice was read\. It is empty\.$/],
]

describe('what is no notice', () => {
  test.each(cases)('%s', async (_, message, why) => {
    const reading = await read(message)
    expect(reading.notices).toEqual([])
    expect(reading.why).toMatch(why)
  })

  test('more than one may have is said too', async () => {
    const { why } = await read(Buffer.alloc(maxNoticeBytes + 1, 97))
    expect(why).toBe(`No notice was read. A notice has at most ${maxNoticeBytes} bytes.`)
  })

  test('a notice has no such reason', async () => {
    const reading = await read('IP address: 192.0.2.4\nPort: 4711\nTime: 2026-03-01 10:00:00 UTC')
    expect(reading.notices).toHaveLength(1)
    expect(reading).not.toHaveProperty('why')
  })
})
