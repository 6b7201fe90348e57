import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Answer } from '../../lookup-api/contract.ts'
import { formatInstant } from '../../model/time.ts'
import { connect } from '../../store/connect.ts'
import { embeddedUrl } from '../../store/database-url.ts'
import { embeddedDatabase } from '../../store/embedded.ts'
import type { EmbeddedServer } from '../../store/embedded.ts'
import { skipUnless } from '../skip.ts'
import { until } from '../until.ts'
import { labMissing, makeLab } from './gateway-lab.ts'
import type { Lab } from './gateway-lab.ts'
import { Journal } from './journal.ts'
import { readRows, startLoad, startReaping } from './load.ts'
import type { Row } from './load.ts'
import { startOutsideServer } from './outside-server.ts'
import { toleranceUs } from './truth.ts'

const nowUs = (): number => Date.now() * 1000
const waits = /What is collected waits in the spool until it is there/

describe.skipIf(skipUnless('kernel', labMissing()))('a start while Postgres is away', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flowledger-lab-away-'))
  let server: EmbeddedServer
  let lab: Lab
  let rows = new Map<string, Row[]>()
  let offered = 0
  let downUs = 0
  const watchedUs: number[] = []
  let notReady = ''
  let metrics = ''

  /** Makes connections while a half of the program, or all of it, can only spool them. */
  async function loadWhile(command: string, first: number): Promise<void> {
    const child = await lab.startUntil(command, waits)
    offered += (await startLoad(lab.topology, 300, 5, first).done).offered
    await sleep(1000)
    const atUs = nowUs()
    watchedUs.push(atUs)
    const journal = new Journal(lab.dataDir)
    await until(() => journal.watchedUs > atUs + toleranceUs)
    journal.close()
    if (command === 'up') {
      await until(async () => {
        notReady = await lab.request('/readyz').catch(String)
        return notReady.includes(': 503 ')
      })
      metrics = await lab.request('/metrics').catch(String)
    } else await lab.end(child, 'SIGKILL')
  }

  /** A port that nobody ever has here. */
  const askUnused = (atUs: number): Promise<Answer> => {
    const at = formatInstant(atUs)
    return lab.lookup({ ip: '192.0.2.1', port: '9', protocol: 'tcp', at, tolerance: '50ms' })
  }

  beforeAll(async () => {
    // A server that is not the program's own: the program can only wait for it.
    chmodSync(folder, 0o711)
    server = await startOutsideServer(join(folder, 'server'))
    const url = embeddedUrl(server, 'owner', embeddedDatabase)
    lab = await makeLab({ hosts: 1 }, `database: { url: ${JSON.stringify(url)} }\n`)
    const stopReaping = startReaping(lab.topology)
    await lab.end(await lab.up(), 'SIGTERM')
    await server.stop()
    await loadWhile('collect', 0)
    await sleep(1000)
    downUs = nowUs()
    await sleep(1000)
    await loadWhile('up', 20_000)
    server = await startOutsideServer(join(folder, 'server'))
    await lab.expire()
    await stopReaping()
    // The test's own bound ends a wait for what never comes.
    do {
      await sleep(1000)
      const client = await connect(embeddedUrl(server, 'owner', embeddedDatabase))
      rows = await readRows(client)
      await client.end()
    } while (rows.size < offered)
    await until(() =>
      lab.request('/readyz').then(
        () => true,
        () => false
      )
    )
  }, 400_000)

  afterAll(async () => {
    await lab.close()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  test('follows at once, and loses nothing, writes nothing twice, makes nothing up', () => {
    expect(offered).toBeGreaterThan(2500)
    expect(rows.size).toBe(offered)
    const flows = [...rows.values()].map((list) => new Set(list.map(({ flowId }) => flowId)).size)
    expect(flows.filter((count) => count !== 1)).toEqual([])
    const late = [...rows.values()].filter((list) => list.some(({ startUnknown }) => startUnknown))
    expect(late).toEqual([])
  })

  test('says so while it waits', () => {
    expect(notReady).toMatch(/: 503 .*cannot be reached/)
    expect(metrics).toMatch(/^flowledger_ledger_writable 0$/m)
  })

  test('has watched all the while, but for the time between kill and start', async () => {
    for (const atUs of watchedUs) {
      const { verdict, coverage } = await askUnused(atUs)
      expect([verdict, coverage.state]).toEqual(['no-match', 'complete'])
    }
    expect((await askUnused(downUs)).verdict).toBe('no-data')
  })
})
