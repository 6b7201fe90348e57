import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { embeddedPostgresMissing, skipUnless } from '../skip.ts'
import { runFlowledger, startFlowledger } from './run-flowledger.ts'

const folder = mkdtempSync(join(tmpdir(), 'flowledger-up-'))
// As root the embedded server runs as a user of its own, who has to get to its directory.
chmodSync(folder, 0o711)
const configFile = join(folder, 'config.yaml')
const dataDir = join(folder, 'data')
const common = ['--config', configFile, '--data-dir', dataDir]

/** Port 0 takes a free one; nothing of this host is followed, so no right is needed. */
const config = 'api: { listen: 127.0.0.1:0 }\ncollector: { conntrack: { enabled: false } }\n'

interface Running {
  readonly child: ChildProcess
  readonly output: () => string
  /** Waits until stderr matches; fails where the process ends first. */
  says(pattern: RegExp): Promise<RegExpExecArray>
  end(signal: NodeJS.Signals): Promise<number | null>
}

function start(command: string): Running {
  const child = startFlowledger([command, ...common])
  let output = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (output += text))
  const exited = once(child, 'exit') as Promise<[number | null]>
  return {
    child,
    output: () => output,
    async says(pattern) {
      for (;;) {
        const match = pattern.exec(output)
        if (match !== null) return match
        if (child.exitCode !== null) throw new Error(`it ended, having said:\n${output}`)
        await Promise.race([once(child.stderr ?? child, 'data'), exited])
      }
    },
    async end(signal) {
      child.kill(signal)
      const [code] = await exited
      return code
    },
  }
}

describe.skipIf(skipUnless('postgres', embeddedPostgresMissing()))('flowledger up', () => {
  let up: Running
  beforeAll(async () => {
    writeFileSync(configFile, config)
    up = start('up')
    await up.says(/Stop with Ctrl-C/)
  })
  afterAll(async () => {
    await up.end('SIGKILL')
    // The server that a killed starter leaves behind is joined and ended by the next command.
    runFlowledger(['migrate', ...common])
    rmSync(folder, { recursive: true })
  })

  test('says what it does and what to try, and answers by HTTP', async () => {
    const [, url = ''] = await up.says(/(http:\/\/127\.0\.0\.1:\d+)/)
    expect(up.output()).toContain('embedded PostgreSQL')
    expect(up.output()).toContain('collector.conntrack.enabled is false')
    const tokenFile = join(dataDir, 'admin-token')
    expect(statSync(tokenFile).mode & 0o777).toBe(0o600)
    const authorization = `Bearer ${readFileSync(tokenFile, 'utf8').trim()}`
    const ask = `${url}/v1/lookup?ip=192.0.2.1&port=4711&at=now`
    const response = await fetch(ask, { headers: { authorization } })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ verdict: 'no-data' })
    expect((await fetch(ask)).status).toBe(401)
  })

  test('lookup beside it: what nobody watched cannot be known', () => {
    const question = ['192.0.2.1:4711', '2026-01-01', '12:00:00Z']
    const options = ['--destination', '[2001:db8::1]:443', '--case', 'AZ 1/26', '-o', 'json']
    const { code, stdout } = runFlowledger(['lookup', ...question, ...options, ...common])
    expect(code).toBe(5)
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: 'no-data',
      query: {
        ip: '192.0.2.1',
        port: 4711,
        at: '2026-01-01T12:00:00.000Z',
        destination_ip: '2001:db8::1',
        destination_port: 443,
        case: 'AZ 1/26',
      },
    })
    expect(runFlowledger(['lookup', '192.0.2.1', '-15m', ...common]).code).toBe(5)
  })

  test.each([
    [['192.0.2.1', '2026-01-01 12:00'], /does not say in which time zone/],
    [['010.0.0.1', 'now'], /is not an IP address/],
    [['192.0.2.1:99999', 'now'], /is not a port/],
    [['192.0.2.1', '2026-02-30T00:00:00Z'], /2026-02-30/],
    [['192.0.2.1', 'now', '--protocol', 'tpc'], /is not a protocol/],
  ])('lookup %j ends with 2 and a sentence', (words, message) => {
    const { code, stdout, stderr } = runFlowledger(['lookup', ...words, ...common])
    expect(stderr).toMatch(message)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })

  test('a second up or collect is told who has the directory', () => {
    for (const command of ['up', 'collect']) {
      const { code, stderr } = runFlowledger([command, ...common])
      expect(stderr).toContain(`is in use by process ${up.child.pid} (flowledger up)`)
      expect(code).toBe(3)
    }
  })

  test('tokens: made, listed, in the audit, revoked', () => {
    const made = runFlowledger(['token', 'create', 'desk', '--expires', '1d', ...common])
    expect(made.stdout).toMatch(/^fl_[\w-]{43}\n$/)
    const listed = runFlowledger(['token', 'list', '-o', 'json', ...common])
    const desk = expect.objectContaining({ name: 'desk', role: 'api-client', revoked: null })
    expect(JSON.parse(listed.stdout)).toContainEqual(desk)
    expect(listed.stdout).not.toContain(made.stdout.trim())
    expect(runFlowledger(['token', 'create', 'x', '--expires', 'soon', ...common]).code).toBe(2)
    expect(runFlowledger(['token', 'revoke', 'desk', ...common]).code).toBe(0)
    expect(runFlowledger(['token', 'revoke', 'desk', ...common]).code).toBe(2)
  })

  test('doctor sees the database, the partitions and the audit', () => {
    const { stdout } = runFlowledger(['doctor', '-o', 'json', ...common])
    const { findings } = JSON.parse(stdout) as { findings: { check: string; state: string }[] }
    for (const check of ['database', 'partitions', 'audit', 'spool']) {
      expect(findings).toContainEqual(expect.objectContaining({ check, state: 'ok' }))
    }
  })

  test('verify-audit: as it was written, and then with its end cut off', () => {
    const good = runFlowledger(['verify-audit', '-o', 'json', ...common])
    expect(good.code).toBe(0)
    const head = readFileSync(join(dataDir, 'audit-head'), 'utf8')
    writeFileSync(join(dataDir, 'audit-head'), `999 ${'a'.repeat(64)}\n`)
    const bad = runFlowledger(['verify-audit', ...common])
    expect(bad.stdout).toMatch(/up to 999 are missing/)
    expect(bad.code).toBe(1)
    expect(runFlowledger(['doctor', ...common]).code).toBe(1)
    writeFileSync(join(dataDir, 'audit-head'), head)
  })

  test('SIGHUP: a wrong configuration is refused, a right one taken', async () => {
    writeFileSync(configFile, 'api: { lisetn: 1 }\n')
    up.child.kill('SIGHUP')
    await up.says(/not taken, the old one stays in force: .*unknown key api\.lisetn/)
    writeFileSync(configFile, `${config}database: { url: postgres://elsewhere/x }\n`)
    up.child.kill('SIGHUP')
    await up.says(/database cannot change while it runs/)
    writeFileSync(configFile, `${config}networks: { inside: [10.0.0.0/8] }\n`)
    up.child.kill('SIGHUP')
    await up.says(/read again and is in force/)
    expect(up.child.exitCode).toBeNull()
  })

  test('kill -9 leaves nothing in the way of the next start, and SIGTERM ends it with 0', async () => {
    await up.end('SIGKILL')
    up = start('up')
    await up.says(/Stop with Ctrl-C/)
    expect(await up.end('SIGTERM')).toBe(0)
    expect(up.output()).toMatch(/Stopped\./)
  })
})

test('a question to a directory without a ledger says so and makes none', () => {
  const empty = mkdtempSync(join(tmpdir(), 'flowledger-none-'))
  const { code, stderr } = runFlowledger(['lookup', '192.0.2.1', 'now', '--data-dir', empty])
  expect(stderr).toMatch(/There is no ledger in .*\. Name the right directory/)
  expect(code).toBe(4)
  rmSync(empty, { recursive: true })
})

test('a database that is not there ends with 4', () => {
  const url = 'postgres://someone:secret@127.0.0.1:1/x'
  const { code, stderr } = runFlowledger(['lookup', '192.0.2.1', 'now', '--database', url])
  expect(stderr).toContain('127.0.0.1:1')
  expect(stderr).not.toContain('secret')
  expect(code).toBe(4)
})
