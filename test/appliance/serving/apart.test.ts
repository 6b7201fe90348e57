import { spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../../cli/config/load.ts'
import { withLedger } from '../../../cli/ledger-access.ts'
import { runFlowledger, startFlowledger } from '../../cli/run-flowledger.ts'
import { embeddedPostgresMissing, programMissing, rootMissing, skipUnless } from '../../skip.ts'
import { baseUs, fillLedger } from '../../store/ledger-fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'flowledger-apart-'))
chmodSync(folder, 0o711)
const dataDir = join(folder, 'data')
const configFile = join(folder, 'config.yaml')
const common = ['--config', configFile, '--data-dir', dataDir]
const config = `api: { listen: "127.0.0.1:0" }
collector:
  conntrack: { enabled: false }
  netflow: { listen: [] }
  identity: []
`

/** Another user has to walk to the source: a checkout below /root is closed to everybody else. */
function checkoutClosed(): string | undefined {
  for (let path = fileURLToPath(import.meta.url); path !== '/'; path = dirname(path)) {
    const { mode } = statSync(dirname(path))
    if ((mode & 0o001) === 0) return `other users may not enter ${dirname(path)}`
  }
  return undefined
}

/** Processes whose parent is `pid`, and whose command line names the API's file. */
function apiOf(pid: number | undefined): number | undefined {
  for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
    try {
      const parent = /\nPPid:\s*(\d+)/.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1]
      const argv = readFileSync(`/proc/${name}/cmdline`, 'utf8')
      if (Number(parent) === pid && argv.includes('apart/process')) return Number(name)
    } catch {
      // It has ended since.
    }
  }
  return undefined
}

const statusOf = (pid: number | undefined): string => readFileSync(`/proc/${pid}/status`, 'utf8')
const idsOf = (status: string, which: 'Uid' | 'Gid'): number[] =>
  (new RegExp(`^${which}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '').split(/\s+/).map(Number)

const notHere = checkoutClosed() ?? programMissing('setpriv') ?? rootMissing()
const skipped = skipUnless('program', notHere) || skipUnless('postgres', embeddedPostgresMissing())

describe.skipIf(skipped)('the API of an `up` that root started', () => {
  let up: ChildProcess
  let output = ''
  let url = ''
  let api: number | undefined

  const says = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const match = pattern.exec(output)
      if (match !== null) return match
      if (up.exitCode !== null) throw new Error(`it ended, having said:\n${output}`)
      await Promise.race([once(up.stderr ?? up, 'data'), once(up, 'close')])
    }
  }
  const token = (): string => readFileSync(join(dataDir, 'admin-token'), 'utf8').trim()
  const ask = (path: string): Promise<Response> =>
    fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token()}` } })

  beforeAll(async () => {
    writeFileSync(configFile, config)
    up = startFlowledger(['up', ...common])
    up.stderr?.setEncoding('utf8').on('data', (text: string) => (output += text))
    url = (await says(/Answering look-ups on (http:\/\/127\.0\.0\.1:\d+)/))[1] ?? ''
    await says(/Stop with Ctrl-C/)
    api = apiOf(up.pid)
  })
  afterAll(async () => {
    const closed = once(up, 'close')
    up.kill('SIGTERM')
    await closed
    expect(up.exitCode, output).toBe(0)
    rmSync(folder, { recursive: true })
  })

  test('is a process of another user, which has no capability and can gain none', () => {
    const status = statusOf(api)
    expect(idsOf(status, 'Uid')).not.toContain(0)
    expect(idsOf(status, 'Gid')).not.toContain(0)
    expect(status).toMatch(/^Groups:\s*$/m)
    for (const set of ['Inh', 'Prm', 'Eff', 'Amb']) {
      expect(status).toMatch(new RegExp(`^Cap${set}:\\s*0+$`, 'm'))
    }
    expect(status).toMatch(/^NoNewPrivs:\s*1$/m)
  })

  test('cannot read what the collector, the keys and the database have, nor write there', () => {
    const status = statusOf(api)
    const user = [`--reuid=${idsOf(status, 'Uid')[0]}`, `--regid=${idsOf(status, 'Gid')[0]}`]
    const as = (...argv: string[]): number | null =>
      spawnSync('setpriv', [...user, '--clear-groups', ...argv]).status
    expect(as('true')).toBe(0)
    // The lock says who has the directory, to everybody; sealed hours are what answers rest on.
    const open = ['lock', 'archive']
    const names = readdirSync(dataDir).filter((name) => !open.includes(name))
    expect(as('ls', join(dataDir, 'archive'))).toBe(0)
    expect(as('touch', join(dataDir, 'archive', 'mine'))).not.toBe(0)
    expect(names).toEqual(expect.arrayContaining(['admin-token', 'keys', 'postgres', 'spool']))
    for (const name of names) {
      const path = join(dataDir, name)
      const read = statSync(path).isDirectory() ? ['ls', path] : ['cat', path]
      expect(as(...read), name).not.toBe(0)
    }
    expect(as('cat', join(dataDir, 'keys', 'signing.pem'))).not.toBe(0)
    expect(as('touch', join(dataDir, 'mine'))).not.toBe(0)
    const memory = as('cat', `/proc/${up.pid}/environ`)
    expect(memory).not.toBe(0)
  })

  test('is told no password but those of its own log-ins, and none by its arguments', () => {
    const environment = readFileSync(`/proc/${api}/environ`, 'utf8')
    const argv = readFileSync(`/proc/${api}/cmdline`, 'utf8')
    const credentials = JSON.parse(
      readFileSync(join(dataDir, 'credentials.json'), 'utf8')
    ) as Record<string, string>
    expect(Object.keys(credentials)).toContain('collector')
    for (const password of Object.values(credentials)) {
      expect(environment).not.toContain(password)
      expect(argv).not.toContain(password)
    }
  })

  test('answers, with the audit and its head, evidence, counters and readiness', async () => {
    const answer = await ask('/v1/lookup?ip=192.0.2.1&port=4711&at=now')
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ verdict: 'no-data' })
    const ready = await fetch(`${url}/readyz`)
    expect(await ready.json()).toMatchObject({ checks: { database: 'ok' } })
    const counters = await (await fetch(`${url}/metrics`)).text()
    expect(counters).toMatch(/^flowledger_lookups_total\{verdict="no-data"\} 1$/m)
    expect(counters).toMatch(/^flowledger_spool_/m)
    expect(readFileSync(join(dataDir, 'audit-head'), 'utf8')).toMatch(/^\d+ [0-9a-f]{64}\ned25519/)
    const question = `${url}/v1/evidence?ip=192.0.2.1&port=4711&at=now`
    const authorization = `Bearer ${token()}`
    const evidence = await fetch(question, { method: 'POST', headers: { authorization } })
    expect(await evidence.json()).toMatchObject({
      signature: expect.stringMatching(/^[0-9a-f]{128}$/),
    })
    expect(runFlowledger(['verify-audit', ...common]).code).toBe(0)
  })

  test('matches a destination that is kept as a hash, whose key it cannot read', async () => {
    const rules = 'rules: [{ kind: flows, field: destination, keep: 2h, leave: hash }]'
    const purging = join(folder, 'purging.yaml')
    writeFileSync(purging, `${config}retention: { ${rules} }\n`)
    const { config: loaded } = loadConfig({ config: configFile, dataDir }, {})
    await withLedger(loaded, 'collector', (access) => fillLedger(access.database('collector').url))
    const run = runFlowledger(['retention', 'run', '--config', purging, '--data-dir', dataDir])
    expect(run.stdout).toMatch(/destination hash/)
    const at = new Date(baseUs / 1000 + 300_500).toISOString()
    const candidates = async (destination: string): Promise<unknown> => {
      const question = `ip=192.0.2.1&port=61284&protocol=udp&at=${at}&${destination}`
      const answer = await ask(`/v1/lookup?${question}`)
      expect(answer.status).toBe(200)
      return ((await answer.json()) as { candidate_count: number }).candidate_count
    }
    expect(await candidates('destination_ip=203.0.113.77&destination_port=53')).toBe(1)
    expect(await candidates('destination_ip=203.0.113.78')).toBe(0)
  })

  test('takes a configuration that is read again', async () => {
    writeFileSync(configFile, `${config}networks: { public: [198.51.100.0/24] }\n`)
    up.kill('SIGHUP')
    await says(/read again and is in force/)
    const answer = await ask('/v1/lookup?ip=192.0.2.1&port=4711&at=now')
    expect(JSON.stringify(await answer.json())).toMatch(/public|own/)
  })

  test('is started again when it is killed, at the same address, and collecting goes on', async () => {
    process.kill(api ?? -1, 'SIGKILL')
    await says(/The API answers again/)
    expect(apiOf(up.pid)).not.toBe(api)
    expect(up.exitCode).toBeNull()
    expect((await ask('/v1/lookup?ip=192.0.2.1&port=4711&at=now')).status).toBe(200)
  })
})
