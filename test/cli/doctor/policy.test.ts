import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../../cli/config/load.ts'
import { policyRules } from '../../../cli/doctor/checks/policy.ts'
import { contextOf } from '../../../cli/doctor/finding.ts'
import type { Finding } from '../../../cli/doctor/finding.ts'

function check(policy: string): Promise<Finding> {
  const root = mkdtempSync(join(tmpdir(), 'flowledger-policy-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  writeFileSync(join(root, 'policy.yaml'), policy)
  const file = join(root, 'config.yaml')
  writeFileSync(file, policy === '' ? '{}' : `policy: { rules: ${root}/policy.yaml }`)
  const { config } = loadConfig({ config: file, dataDir: join(root, 'data') }, {})
  if (policy !== '') expect(config.collector.capture).toBeDefined()
  return Promise.resolve(policyRules(contextOf(config)))
}

test('without a policy there is nothing to see to', async () => {
  expect(await check('')).toEqual({ state: 'ok', text: 'nothing is done with connections' })
})

test('a policy that cannot be used is said with its place', async () => {
  const found = await check('targets: {}\nactions: { a: { criteria: "app =", targets: [] } }')
  expect(found).toMatchObject({ state: 'fail' })
  expect(found.text).toMatch(/policy\.yaml:2:\d+: /)
})

test('what the kernel lacks for it is said with the command that mends it', async () => {
  const set = 'type: nft-set, table: nobody, set: nobody, elements: [other_addr], ip_version: ipv4'
  const text = `targets: { t: { ${set} } }\nactions: { a: { criteria: '*', targets: [t] } }`
  const found = await check(text)
  expect(found.state).toBe('warn')
  // Without nftables or root it cannot be looked at, and that is said.
  expect(found.text).toMatch(/The set inet nobody nobody is not there\.|nft tells nothing/)
})
