import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadConfig } from '../../../cli/config/load.ts'
import * as disk from '../../../cli/doctor/checks/disk.ts'
import * as kernel from '../../../cli/doctor/checks/kernel.ts'
import * as own from '../../../cli/doctor/checks/process.ts'
import { contextOf } from '../../../cli/doctor/finding.ts'
import { formatFindings, runChecks } from '../../../cli/doctor/run.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'flowledger-doctor-'))
})
afterEach(() => rmSync(root, { recursive: true }))

function put(path: string, text: string): void {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** Writes sysctls below /proc/sys/net/netfilter of the tree that the checks look at. */
function netfilter(values: Record<string, number>): void {
  for (const [name, value] of Object.entries(values)) {
    put(`proc/sys/net/netfilter/nf_conntrack_${name}`, `${value}\n`)
  }
}

function context(env: Record<string, string> = {}) {
  const { config } = loadConfig({ dataDir: join(root, 'data') }, env, '/nonexistent')
  return contextOf(config, root)
}

describe('kernel', () => {
  test('no connection tracking at all', () => {
    expect(kernel.conntrackPresent(context())).toMatchObject({
      state: 'fail',
      fix: expect.stringMatching(/modprobe/),
    })
    expect(kernel.events(context())).toMatchObject({ state: 'fail' })
  })

  test('none of it matters where conntrack is not to be followed', async () => {
    const off = context({ FLOWLEDGER_COLLECTOR_CONNTRACK_ENABLED: 'false' })
    const { conntrackPresent, events, accounting, timestamps, fullness, tracking } = kernel
    for (const check of [conntrackPresent, events, accounting, timestamps, fullness, tracking]) {
      expect(await check(off)).toMatchObject({ state: 'ok' })
    }
    expect(own.capability(off)).toMatchObject({ state: 'ok' })
  })

  test.each([
    [0, 'fail'],
    [1, 'ok'],
    [2, 'ok'],
  ])('nf_conntrack_events=%i: %s', (value, state) => {
    netfilter({ events: value })
    expect(kernel.events(context())).toMatchObject({ state })
  })

  test.each([
    [0, 'warn'],
    [1, 'ok'],
  ])('nf_conntrack_acct and nf_conntrack_timestamp=%i: %s', (value, state) => {
    netfilter({ acct: value, timestamp: value })
    expect(kernel.accounting(context())).toMatchObject({ state })
    expect(kernel.timestamps(context())).toMatchObject({ state })
  })

  test.each([
    [0, 'ok'],
    [74, 'ok'],
    [75, 'warn'],
    [95, 'fail'],
  ])('%i of 100 entries: %s', (count, state) => {
    netfilter({ count, max: 100 })
    expect(kernel.fullness(context())).toMatchObject({ state })
  })

  test('entries, or a NAT table of iptables, show that something tracks', async () => {
    netfilter({ count: 3 })
    expect(await kernel.tracking(context())).toMatchObject({ state: 'ok' })
    netfilter({ count: 0 })
    put('proc/net/ip_tables_names', 'filter\nnat\n')
    expect(await kernel.tracking(context())).toMatchObject({
      state: 'ok',
      text: expect.stringMatching(/iptables/),
    })
  })
})

describe('rights and buffers', () => {
  test('CAP_NET_ADMIN is read from the effective set', () => {
    put('proc/self/status', 'Name:\tnode\nCapEff:\t0000000000001000\n')
    put('proc/sys/net/core/rmem_max', '212992\n')
    expect(own.capability(context())).toMatchObject({ state: 'ok' })
    expect(own.receiveBuffer(context())).toMatchObject({ state: 'ok' })
    put('proc/self/status', 'Name:\tnode\nCapEff:\t00000000a80425fb\n')
    expect(own.capability(context())).toMatchObject({ state: 'fail' })
    expect(own.receiveBuffer(context())).toMatchObject({
      state: 'warn',
      text: expect.stringMatching(/208 KiB/),
    })
    put('proc/sys/net/core/rmem_max', '134217728\n')
    expect(own.receiveBuffer(context())).toMatchObject({ state: 'ok' })
  })

  test('the clock: a verdict from the running kernel', () => {
    expect(own.clock().text).toMatch(/^the clock is (not )?synchronised/)
  })
})

describe('disk', () => {
  test('a data directory that is not there yet is measured at its parent', () => {
    expect(disk.diskSpace(context()).text).toMatch(/ free for .*\/data/)
  })

  test('less room than the spool may take is a warning', () => {
    const greedy = context({ FLOWLEDGER_SPOOL_MAX_BYTES: '8000TiB' })
    expect(disk.diskSpace(greedy)).toMatchObject({
      state: 'warn',
      text: expect.stringMatching(/less than/),
    })
  })
})

test('a check that throws is a finding, and the next ones run', async () => {
  const findings = await runChecks(
    [
      {
        name: 'broken',
        run: () => {
          throw new Error('no such thing')
        },
      },
      { name: 'fine', run: () => ({ state: 'ok', text: 'all is well' }) },
    ],
    context()
  )
  expect(formatFindings(findings, false)).toBe(
    'FAIL  broken  could not be checked: no such thing\n' +
      '              fix: run it again with FLOWLEDGER_DEBUG=1 and report it\n' +
      'OK    fine    all is well\n' +
      '1 ok, 0 warn, 1 fail\n'
  )
})
