import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { SpoolWatch } from '../../appliance/spool-watch.ts'
import { loadConfig } from '../../cli/config/load.ts'
import { runChecks } from '../../cli/doctor/run.ts'
import { contextOf } from '../../cli/doctor/finding.ts'
import { spool as doctorSpool } from '../../cli/doctor/checks/disk.ts'
import { hoursLeft } from '../../store/spool-growth.ts'

test('a spool that fills is told in log, metrics, readiness and by doctor before it is full', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'flowledger-watch-'))
  const directory = join(dataDir, 'spool', 'conntrack')
  mkdirSync(directory, { recursive: true })
  const segment = join(directory, '000000000001.spool')
  writeFileSync(segment, '')
  const { config } = loadConfig({ dataDir }, { FLOWLEDGER_SPOOL_MAX_BYTES: '128MiB' })
  const said: string[] = []
  const sayer = (level: string) => (sentence: string) => void said.push(`${level}: ${sentence}`)
  const log = { info: sayer('info'), warn: sayer('warn'), error: sayer('error') }
  const watch = new SpoolWatch(config, log)
  const registry = new Registry()
  watch.count(registry)
  const doctor = async (): Promise<string | undefined> => {
    const [finding] = await runChecks([{ name: 'spool', run: doctorSpool }], contextOf(config))
    return finding?.state
  }
  expect(watch.warning).toBeUndefined()
  const states: (readonly [string | undefined, string | undefined])[] = []
  for (const percent of [74, 76, 91, 96, 100, 10]) {
    truncateSync(segment, Math.floor((percent / 100) * (128 << 20)))
    watch.look()
    states.push([watch.spools[0]?.state, await doctor()])
  }
  expect(states).toEqual([
    ['ok', 'ok'],
    ['filling', 'warn'],
    ['without-names', 'fail'],
    ['nat-only', 'fail'],
    ['full', 'fail'],
    ['ok', 'ok'],
  ])
  expect(said).toEqual([
    expect.stringMatching(
      /^warn: The spool conntrack holds 97.3 MiB of 128 MiB \(7[56] %\): all is/
    ),
    expect.stringMatching(/^warn: .*names of hosts and applications are left out/),
    expect.stringMatching(/^warn: .*not translated are left out/),
    expect.stringMatching(/^error: .*nothing is taken/),
    expect.stringMatching(/^info: .*all is taken again/),
  ])
  const text = await registry.metrics()
  expect(text).toContain(`flowledger_spool_limit_bytes{spool="conntrack"} ${128 << 20}`)
  watch.stop()
  rmSync(dataDir, { recursive: true })
})

test('hours left go by the fastest growth of ten minutes, an hour and a day', () => {
  const fill = { usedBytes: 600, usableBytes: 1800, bound: 'spool-full' } as const
  const at = (minute: number, usedBytes: number) => ({ atMs: minute * 60_000, usedBytes })
  // Flat for a day, then 100 octets a minute.
  expect(hoursLeft(fill, [at(0, 100), at(1435, 100), at(1440, 600)])).toBeCloseTo(0.2)
  expect(hoursLeft(fill, [at(0, 600), at(1440, 600)])).toBeUndefined()
  expect(hoursLeft(fill, [at(0, 900), at(1440, 600)])).toBeUndefined()
  expect(hoursLeft(fill, [at(0, 600)])).toBeUndefined()
})
