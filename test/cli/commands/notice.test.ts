import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { noticesSchema } from '../../../lookup-api/notices/contract.ts'
import { maxNoticeBytes } from '../../../lookup-api/notices/limits.ts'
import { runFlowledger } from '../run-flowledger.ts'

const folder = mkdtempSync(join(tmpdir(), 'flowledger-notice-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const text = 'IP: 198.51.100.7\nSource port: 51413\nTime of attack: 2015-05-06 05:00:00\n'

/** A directory without a ledger: --parse-only must not want one. */
const bare = ['--data-dir', join(folder, 'nothing')]

test('what it claims is said without a database', () => {
  const path = file('notice.txt', text)
  const { code, stdout } = runFlowledger(['notice', path, '--parse-only', '-o', 'json', ...bare])
  expect(code).toBe(0)
  const { notices } = noticesSchema.strict().parse(JSON.parse(stdout))
  const [sighting, ...more] = notices[0]?.sightings ?? []
  expect(more).toEqual([])
  expect(sighting).toMatchObject({ ip: '198.51.100.7', port: 51413, uncertain: true })
  expect(sighting?.at).toHaveLength(43)
  expect(sighting?.at).toContain('2015-05-06T05:00:00.000Z')
  const zoned = ['notice', path, '--parse-only', '--zone', 'Asia/Tokyo', ...bare]
  expect(runFlowledger(zoned).stdout).toContain('198.51.100.7:51413 at 2015-05-05T20:00:00.000Z\n')
})

test('the configuration knows the site and its senders', () => {
  const config = file(
    'config.yaml',
    'notices:\n  zone: Europe/Berlin\n  senders:\n    - { from: "*@example.org", zone: -07:00 }\n'
  )
  const mail = `From: a@example.org\nTo: b@example.net\nMIME-Version: 1.0\n\n${text}`
  const run = (path: string): string =>
    runFlowledger(['notice', path, '--parse-only', '--config', config, ...bare]).stdout
  expect(run(file('known.eml', mail))).toContain('at 2015-05-06T12:00:00.000Z\n')
  expect(run(file('other.eml', mail.replace('example.org', 'example.com')))).toContain(
    'at one of 2015-05-06T03:00:00.000Z, 2015-05-06T05:00:00.000Z (uncertain)'
  )
})

test('exit codes: nothing in it, no such file, too large, no such zone', () => {
  const nothing = runFlowledger(['notice', file('a.txt', 'Hello.\n'), '--parse-only', ...bare])
  expect(nothing).toMatchObject({
    code: 5,
    stdout: 'No notice was found. message: It holds no IP address and no time.\n',
  })
  expect(runFlowledger(['notice', join(folder, 'absent'), '--parse-only', ...bare]).code).toBe(3)
  const large = file('large.eml', Buffer.alloc(maxNoticeBytes + 1))
  const refused = runFlowledger(['notice', large, '--parse-only', ...bare])
  expect(refused.code).toBe(2)
  expect(refused.stderr).toContain(`more than ${maxNoticeBytes} bytes`)
  const zone = ['notice', file('b.txt', text), '--parse-only', '--zone', 'CET', ...bare]
  expect(runFlowledger(zone).code).toBe(2)
})

test('without --parse-only it wants a ledger', () => {
  const { code, stderr } = runFlowledger(['notice', file('c.txt', text), ...bare])
  expect(code).toBe(4)
  expect(stderr).toContain('There is no ledger')
})
