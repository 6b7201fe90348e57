import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { embeddedPostgresMissing, skipUnless } from '../../skip.ts'
import { runFlowledger } from '../run-flowledger.ts'

const folder = mkdtempSync(join(tmpdir(), 'flowledger-import-'))
const events = join(folder, 'events.txt')
const common = ['--data-dir', join(folder, 'data')]

const tuples =
  'src=10.0.0.5 dst=203.0.113.7 sport=40001 dport=443 %s' +
  'src=203.0.113.7 dst=192.0.2.1 sport=443 dport=61284 %sid=77'
const unreplied = tuples.replaceAll('%s', '[UNREPLIED] ')
const counted = tuples.replaceAll('%s', 'packets=7 bytes=2006 ')
const text = `[1363698567.987654]\t[NEW] tcp      6 120 SYN_SENT ${unreplied}
[1363698667.987654]\t[DESTROY] tcp      6 ${counted}
nothing of conntrack's
`

describe.skipIf(skipUnless('postgres', embeddedPostgresMissing()))('import conntrack', () => {
  beforeAll(() => {
    // As root the embedded server runs as a user of its own, who has to get to its directory.
    chmodSync(folder, 0o711)
    writeFileSync(events, text)
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test('makes the ledger, writes, and says what it passed over', () => {
    const argv = ['import', 'conntrack', events, '--source', 'gw1', ...common]
    const { code, stdout } = runFlowledger(argv)
    expect(stdout).toContain('3 lines read, 2 events, 1 rows written.')
    expect(stdout).toContain(`1 lines passed over: not-conntrack; the first is ${events}:3.`)
    expect(code).toBe(0)
  })

  test('the same again adds nothing', () => {
    const argv = ['import', 'conntrack', events, '--source', 'gw1', '-o', 'json', ...common]
    const { code, stdout } = runFlowledger(argv)
    expect(JSON.parse(stdout)).toMatchObject({ lines: 3, lines_known: 3, rows: 0, refused: {} })
    expect(code).toBe(0)
  })

  test('what was imported is found, as a source that proves no absence', () => {
    const question = ['192.0.2.1:61284', '2013-03-19T13:10:00Z', '-o', 'json']
    const { code, stdout } = runFlowledger(['lookup', ...question, ...common])
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: 'inferred',
      candidates: [{ inside: { ip: '10.0.0.5', port: 40001 }, exporter: 'import:gw1' }],
    })
    expect(code).toBe(0)
    const after = ['192.0.2.1:61284', '2013-03-19T14:00:00Z', ...common]
    expect(runFlowledger(['lookup', ...after]).code).toBe(5)
  })

  test('lines without a time, a file that is not there, a wrong time: usage', () => {
    const timeless = join(folder, 'timeless.txt')
    writeFileSync(timeless, `[DESTROY] tcp      6 ${counted}\n`)
    const without = runFlowledger(['import', 'conntrack', timeless, ...common])
    expect(without.stderr).toContain('--at')
    expect(without.code).toBe(2)
    const at = ['--at', '2026-03-01T12:30:00Z']
    expect(runFlowledger(['import', 'conntrack', timeless, ...at, ...common]).code).toBe(0)
    expect(runFlowledger(['import', 'conntrack', '/nonexistent', ...common]).code).toBe(2)
    const wrong = ['--at', 'yesterday', ...common]
    expect(runFlowledger(['import', 'conntrack', timeless, ...wrong]).code).toBe(2)
  })
})
