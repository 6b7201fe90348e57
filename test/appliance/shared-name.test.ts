import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openGate } from '../../appliance/ledger-gate.ts'
import { startCollecting } from '../../appliance/conntrack/collecting.ts'
import { loadConfig } from '../../cli/config/load.ts'
import type { Log } from '../../model/log.ts'
import { LedgerWriter } from '../../store/ledger-writer.ts'
import { skipPostgres, usePostgres } from '../postgres.ts'
import { until } from '../until.ts'

describe.skipIf(skipPostgres)('two collectors of one name', () => {
  const postgres = usePostgres()
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flowledger-name-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  /** Another collector was complete up to then. */
  async function watched(name: string, watermarkUs: number): Promise<void> {
    const writer = new LedgerWriter(postgres.urls.collector, { inside: [], local: [] })
    const source = await writer.registerSource(name, 'conntrack')
    const spool = 'the spool of the other'
    await writer.readCursor(source, spool)
    const progress = { watermarkUs, closedThroughUs: watermarkUs }
    const cursor = { segment: 1, offset: 0 }
    await writer.commit({ source, spool, batches: [], gaps: [], progress, cursor })
    await writer.close()
  }

  async function start(name: string) {
    const said: string[] = []
    const say = (sentence: string): void => {
      said.push(sentence)
    }
    const log: Log = { info: say, warn: say, error: say }
    const file = join(folder, 'config.yaml')
    writeFileSync(file, `collector: { name: ${name}, conntrack: { enabled: false } }\n`)
    const { config } = loadConfig({ config: file, dataDir: join(folder, 'data') }, {})
    return {
      said,
      collecting: await startCollecting(config, openGate(postgres.urls.collector), log),
    }
  }

  test('the new one waits while the name is in use, and says so', async () => {
    await watched('in-use', Date.now() * 1000)
    const { said, collecting } = await start('in-use')
    await until(() => said.some((line) => line.includes('Another collector writes as source')))
    await collecting.stop()
  })

  test('one whose spool was lost goes on under its name', async () => {
    await watched('lost', Date.now() * 1000 - 60e6)
    const { said, collecting } = await start('lost')
    await collecting.stop()
    expect(said.join('\n')).not.toContain('Another collector')
  })
})
