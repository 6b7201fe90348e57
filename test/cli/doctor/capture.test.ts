import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { whatIsMissing } from '../../../appliance/capture/nflog-ruleset.ts'
import { loadConfig } from '../../../cli/config/load.ts'
import { captureRule } from '../../../cli/doctor/checks/capture.ts'
import { contextOf } from '../../../cli/doctor/finding.ts'
import type { Config } from '../../../model/config.ts'

function configOf(text: string): Config {
  const root = mkdtempSync(join(tmpdir(), 'flowledger-capture-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const file = join(root, 'config.yaml')
  writeFileSync(file, text)
  return loadConfig({ config: file, dataDir: join(root, 'data') }, {}).config
}

const usual = { enabled: 'auto', group: 5, packets: 10, snapLength: 4096, interfaces: [] }

test('connections are classified where that, or a stream, is configured', () => {
  expect(configOf('{}').collector.capture).toBeUndefined()
  expect(configOf('stream: { unix: /tmp/s }').collector.capture).toEqual(usual)
  expect(configOf('collector: { capture: {} }').collector.capture).toEqual(usual)
  const own =
    'collector: { capture: { nflog_group: 7, packets: 4, snap_length: 400, ' +
    'interfaces: [lan0] } }'
  expect(configOf(own).collector.capture).toEqual({
    enabled: 'auto',
    group: 7,
    packets: 4,
    snapLength: 400,
    interfaces: ['lan0'],
  })
})

test.each([
  'nflog_group: 65536',
  'packets: 0',
  'packets: 1.5',
  'snap_length: 1',
  'interfaces: [a/b]',
])('%s is refused', (key) => {
  expect(() => configOf(`collector: { capture: { ${key} } }`)).toThrow(key.split(':')[0])
})

test('nothing is looked at where nothing is classified', async () => {
  for (const text of ['{}', 'collector: { capture: { enabled: false } }']) {
    expect(await captureRule(contextOf(configOf(text)))).toMatchObject({ state: 'ok' })
  }
})

test('what is missing is said with the command that mends it', () => {
  const rules = { group: 5, packets: 10, snapLength: 4096 }
  expect(whatIsMissing({ rules: 'installed', accounting: true }, rules)).toEqual([])
  const both = whatIsMissing({ rules: 'absent', accounting: false }, rules)
  expect(both.map(({ fix }) => fix)).toEqual([
    'flowledger capture install',
    expect.stringContaining('nf_conntrack_acct=1'),
  ])
  const [other] = whatIsMissing({ rules: 'other', accounting: true }, { ...rules, group: 7 })
  expect(other).toEqual({
    text: expect.stringContaining('another one than configured') as unknown,
    fix: 'flowledger capture install --group 7 --packets 10 --snaplen 4096',
  })
})
