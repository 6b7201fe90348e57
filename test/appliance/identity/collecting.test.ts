import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadConfig } from '../../../cli/config/load.ts'
import { startCollectingIdentity } from '../../../appliance/identity/collecting.ts'
import type { Log } from '../../../model/log.ts'
import { openDatabase } from '../../../store/database.ts'
import { makeIdentitySources } from '../../../store/identity-query.ts'
import { skipPostgres, usePostgres } from '../../postgres.ts'
import { until } from '../../until.ts'

describe.skipIf(skipPostgres)('collecting identities', () => {
  const postgres = usePostgres()
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flowledger-identity-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const said: string[] = []
  const say = (sentence: string): void => {
    said.push(sentence)
  }
  const log: Log = { info: say, warn: say, error: say }

  function configOf(identity?: string) {
    const file = join(folder, 'config.yaml')
    writeFileSync(file, identity === undefined ? '' : `collector: { identity: ${identity} }\n`)
    return loadConfig({ config: file, dataDir: join(folder, 'data') }, {}).config
  }

  test('by itself follows neighbours, and not where the log-in may not write', async () => {
    const config = configOf()
    const allowed = await startCollectingIdentity(config, postgres.urls.identity, log)
    expect(allowed.describe()).toEqual([expect.stringMatching(/^Following this host's neighbours/)])
    await allowed.stop()
    const denied = await startCollectingIdentity(config, postgres.urls.collector, log)
    expect(denied.describe()).toEqual([
      expect.stringMatching(/^Not following .* neighbours: .* database\.identity_url/),
    ])
    expect(denied.status()).toEqual([])
    await denied.stop()
  })

  test('a port that is taken stops the start, and leaves nothing behind', async () => {
    const other = createSocket('udp4')
    other.bind(0, '127.0.0.1')
    await once(other, 'listening')
    const config = configOf(
      `[{ kind: hostapd, path: ${join(folder, 'log')} }, { kind: radius,
         listen: "127.0.0.1:${other.address().port}",
         clients: [{ name: a, prefix: 10.0.0.1, secret: x }] }]`
    )
    await expect(
      startCollectingIdentity(config, postgres.urls.identity, log)
    ).rejects.toMatchObject({ code: 'port-in-use' })
    other.close()
  })

  test('a secret that is missing is told with its file; none is ever logged', async () => {
    const config = configOf(
      `[{ kind: radius, listen: "127.0.0.1:0", clients: [
         { name: a, prefix: 10.0.0.1, secret_file: ${join(folder, 'none')} }] }]`
    )
    await expect(
      startCollectingIdentity(config, postgres.urls.identity, log)
    ).rejects.toMatchObject({ code: 'config-invalid', message: expect.stringContaining('none') })
  })

  test('a file that says nothing is heard of; one that is missing is said once', async () => {
    said.length = 0
    const path = join(folder, 'leases')
    const config = configOf(`[{ kind: dhcpd, path: ${path}, name: quiet }]`)
    const identity = await startCollectingIdentity(config, postgres.urls.identity, log)
    await until(() => said.length > 0)
    writeFileSync(path, '# nothing yet\n')
    await until(() => (identity.status()[0]?.heardUs ?? 0) > 0)
    await identity.stop()
    expect(said).toEqual([
      expect.stringMatching(/leases cannot be read and is tried again/),
      `${path} is read again.`,
    ])
    const database = openDatabase(postgres.urls.identity, 1)
    const sources = await makeIdentitySources(database)()
    await database.close()
    const quiet = sources.find(({ name }) => name === 'quiet')
    expect(quiet?.lastHeardUs).toBeGreaterThan(1.7e15)
  })
})
