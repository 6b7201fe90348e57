import { appendFileSync, chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { embeddedPostgresMissing, skipUnless } from '../../skip.ts'
import { runFlowledger } from '../run-flowledger.ts'

const folder = mkdtempSync(join(tmpdir(), 'flowledger-nat-'))
const log = join(folder, 'nat.log')
const common = ['--data-dir', join(folder, 'data')]

const line = (step: string, time: string, rest: string): string =>
  `2026-03-01T${time}Z gw nat ${step} VRF 0 ${rest}\n`
const session = '6 INT 10.0.0.5:51000 EXT 192.0.2.1:20000 DST 203.0.113.7:443 DIR OUT'
const open = '6 INT 10.0.0.6:51000 EXT 192.0.2.1:20001 DST 203.0.113.7:443 DIR OUT'
const block = 'INT 10.0.0.7 EXT 192.0.2.1:1024-1151'

const text =
  line('A', '12:00:00', session) +
  line('A', '12:00:10', open) +
  line('A', '12:00:20', block) +
  line('D', '12:01:00', session) +
  'nobody knows this\n' +
  line('A', '12:05:00', '6 INT 10.0.0.9:1 EXT 192.0.2.1:2 DST 203.0.113.7:4').slice(0, -1)

const importIt = (path: string, ...more: string[]) =>
  runFlowledger(['import', 'syslog-nat', path, '--source', 'cgn', '-o', 'json', ...more, ...common])

const ask = (port: number, time: string) => {
  const at = `2026-03-01T${time}Z`
  const { code, stdout } = runFlowledger([
    'lookup',
    `192.0.2.1:${port}`,
    at,
    '-o',
    'json',
    ...common,
  ])
  const { verdict, candidates } = JSON.parse(stdout) as {
    verdict: string
    candidates: { inside: { ip: string }; ports?: { basis: string } }[]
  }
  return { code, verdict, inside: candidates.map(({ inside }) => inside.ip) }
}

describe.skipIf(skipUnless('postgres', embeddedPostgresMissing()))('import syslog-nat', () => {
  beforeAll(() => {
    // As root the embedded server runs as a user of its own, who has to get to its directory.
    chmodSync(folder, 0o711)
    writeFileSync(log, text)
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test('pairs what a text tells, and says what it passed over', () => {
    const { code, stdout, stderr } = importIt(log)
    expect(code, stderr).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      lines: 5,
      rows: 3,
      unterminated: 1,
      read: { events: 4, timeless: { 'time-missing': 1 } },
      mappings: { begun: 3, closed: 1 },
    })
    expect(ask(20_000, '12:00:30')).toMatchObject({ code: 0, inside: ['10.0.0.5'] })
    expect(ask(20_000, '12:02:00').inside).toEqual([])
    expect(ask(1100, '12:00:50').inside).toEqual(['10.0.0.7'])
  })

  test('the same again adds nothing, compressed or not', () => {
    writeFileSync(`${log}.gz`, gzipSync(text))
    for (const path of [log, `${log}.gz`]) {
      expect(JSON.parse(importIt(path).stdout)).toMatchObject({ lines_known: 5, rows: 0 })
    }
  })

  test('one that has grown adds what is new, each second once', () => {
    appendFileSync(log, `\n${line('D', '12:10:00', open)}${line('D', '12:10:00', block)}`)
    const { stdout } = importIt(log)
    expect(JSON.parse(stdout)).toMatchObject({ lines: 8, lines_known: 5, rows: 3 })
    expect(ask(20_001, '12:09:00').inside).toEqual(['10.0.0.6'])
    expect(ask(1100, '12:09:00').inside).toEqual(['10.0.0.7'])
    expect(ask(20_001, '12:11:00').inside).toEqual([])
    expect(JSON.parse(importIt(log).stdout)).toMatchObject({ rows: 0 })
  })

  test('of what a relay wrote, one gateway at a time', () => {
    const path = join(folder, 'relay.log')
    const of = (host: string, inside: string): string =>
      `2026-03-03T12:00:00Z ${host} nat A VRF 0 6 INT ${inside}:1 EXT 192.0.2.9:7 DST 203.0.113.7:4\n`
    writeFileSync(path, of('gw-a', '10.9.0.1') + of('GW-B', '10.9.0.2') + of('gw-c', '10.9.0.3'))
    const take = (...hosts: string[]): unknown => {
      const wanted = hosts.flatMap((host) => ['--host', host])
      const argv = ['import', 'syslog-nat', path, '-o', 'json', ...wanted, ...common]
      return JSON.parse(runFlowledger(argv).stdout)
    }
    expect(take('gw-a')).toMatchObject({ lines: 3, other_hosts: 2, rows: 1 })
    // The same file again, for another gateway, is no repetition.
    expect(take('gw-b')).toMatchObject({ lines_known: 0, other_hosts: 2, rows: 1 })
    expect(take('gw-a')).toMatchObject({ lines_known: 3, rows: 0 })
    const argv = ['lookup', '192.0.2.9:7', '2026-03-03T12:00:00Z', '-o', 'json', ...common]
    const { candidates } = JSON.parse(runFlowledger(argv).stdout) as {
      candidates: { inside: { ip: string }; exporter: string }[]
    }
    const found = candidates.map(({ inside, exporter }) => `${inside.ip} ${exporter}`)
    expect(new Set(found)).toEqual(new Set(['10.9.0.1 import:gw-a', '10.9.0.2 import:gw-b']))
  })

  test('what is no NAT log is refused aloud', () => {
    const path = join(folder, 'other.log')
    writeFileSync(path, '2026-03-01T12:00:00Z host app: hello\n')
    const { code, stderr } = importIt(path)
    expect(code).toBe(2)
    expect(stderr).toContain('holds no NAT log that is known')
  })

  test('a vendor of one’s own, by patterns', () => {
    const patterns = join(folder, 'own.patterns')
    writeFileSync(
      patterns,
      `# ours
begin: natd add {protocol} {inside}:{inside_port} as {outside}:{outside_port} for {user}, {*} ms
end: natd del {protocol} {inside}:{inside_port} as {outside}:{outside_port}
`
    )
    const path = join(folder, 'own.log')
    writeFileSync(
      path,
      `2026-03-02T12:00:00Z h natd add tcp 10.1.0.5:1 as 192.0.2.1:4000 for Zoë, 3 ms
2026-03-02T12:01:00Z h natd del tcp 10.1.0.5:1 as 192.0.2.1:4000
`
    )
    const { stdout } = importIt(path, '--patterns', patterns)
    expect(JSON.parse(stdout)).toMatchObject({ rows: 1, mappings: { closed: 1 } })
  })
})
