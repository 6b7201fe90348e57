import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadConfig } from '../../../cli/config/load.ts'
import {
  identityFiles,
  identityNeighbours,
  identityRadius,
} from '../../../cli/doctor/checks/identity.ts'
import { contextOf } from '../../../cli/doctor/finding.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'flowledger-doctor-'))
})
afterEach(() => rmSync(root, { recursive: true }))

function context(identity: string) {
  const file = join(root, 'config.yaml')
  writeFileSync(file, `collector: { identity: ${identity} }\n`)
  return contextOf(loadConfig({ config: file, dataDir: join(root, 'data') }, {}).config)
}

describe('sources of identities', () => {
  test('nothing configured, nothing to complain of', async () => {
    const none = context('[]')
    for (const check of [identityFiles, identityRadius, identityNeighbours]) {
      expect(await check(none)).toMatchObject({ state: 'ok' })
    }
  })

  test('a file that is there, and one that is not', () => {
    const there = join(root, 'leases')
    const source = (path: string) => `{ kind: dhcpd, path: ${path} }`
    writeFileSync(there, '')
    expect(identityFiles(context(`[${source(there)}]`))).toMatchObject({ state: 'ok' })
    const missing = identityFiles(context(`[${source(there)}, ${source(`${there}6`)}]`))
    expect(missing).toMatchObject({ state: 'warn', text: expect.stringContaining('leases6') })
  })

  test('secrets: missing, open to everybody, short, good', async () => {
    const secret = join(root, 'secret')
    const radius = context(
      `[{ kind: radius, listen: "127.0.0.1:0", clients: [{ name: bng, prefix: 10.0.0.1,
         secret_file: ${secret} }] }]`
    )
    expect(await identityRadius(radius)).toMatchObject({ state: 'fail' })
    writeFileSync(secret, 'short', { mode: 0o644 })
    expect(await identityRadius(radius)).toMatchObject({ fix: `chmod 600 ${secret}` })
    chmodSync(secret, 0o600)
    const finding = await identityRadius(radius)
    expect(finding).toMatchObject({ state: 'warn', text: expect.stringContaining('bng is short') })
    expect(JSON.stringify(finding)).not.toContain('"short"')
    writeFileSync(secret, 'a secret that nobody guesses\n')
    expect(await identityRadius(radius)).toMatchObject({ state: 'ok' })
  })

  test('a port that another server has', async () => {
    const other = createSocket('udp4')
    other.bind(0, '127.0.0.1')
    await once(other, 'listening')
    const finding = await identityRadius(
      context(
        `[{ kind: radius, listen: "127.0.0.1:${other.address().port}", clients: [{ name: bng,
           prefix: 10.0.0.1, secret: "a secret that nobody guesses" }] }]`
      )
    )
    expect(finding).toMatchObject({ state: 'warn', text: expect.stringContaining('in use') })
    other.close()
  })

  test('the neighbour table', () => {
    expect(identityNeighbours(context('[{ kind: neighbours }]'))).toMatchObject({ state: 'ok' })
  })
})
