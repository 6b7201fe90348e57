import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect } from '../../store/connect.ts'
import { embeddedUrl } from '../../store/database-url.ts'
import { embeddedDatabase } from '../../store/embedded.ts'
import type { EmbeddedServer } from '../../store/embedded.ts'
import { skipUnless } from '../skip.ts'
import { startConntrackLog } from './conntrack-log.ts'
import { labMissing, makeLab } from './gateway-lab.ts'
import type { Lab } from './gateway-lab.ts'
import { livesOf, readRows, startLoad, startReaping } from './load.ts'
import type { Life, Row } from './load.ts'
import { startOutsideServer } from './outside-server.ts'

const outageSeconds = 60
const rate = 300

describe.skipIf(skipUnless('kernel', labMissing()))('Postgres away for a minute under load', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flowledger-lab-db-'))
  let server: EmbeddedServer
  let lab: Lab
  let lives: Life[] = []
  let rows = new Map<string, Row[]>()
  let offered = 0
  let refused: unknown
  let during = 0

  async function read(): Promise<Map<string, Row[]>> {
    const client = await connect(embeddedUrl(server, 'owner', embeddedDatabase))
    const found = await readRows(client)
    await client.end()
    return found
  }

  beforeAll(async () => {
    // A server that is not the program's own: the program can only wait for it.
    chmodSync(folder, 0o711)
    server = await startOutsideServer(join(folder, 'server'))
    const url = embeddedUrl(server, 'owner', embeddedDatabase)
    lab = await makeLab({ hosts: 1 }, `database: { url: ${JSON.stringify(url)} }\n`)
    const log = await startConntrackLog(lab.topology)
    const stopReaping = startReaping(lab.topology)
    await lab.up()
    const load = startLoad(lab.topology, rate, outageSeconds + 30)
    await sleep(15_000)
    await server.stop()
    const stoppedUs = Date.now() * 1000
    await sleep(5000)
    refused = await lab.lookup({ ip: '192.0.2.1', at: '-1s' }).catch((error: unknown) => error)
    await sleep((outageSeconds - 5) * 1000)
    server = await startOutsideServer(join(folder, 'server'))
    const startedUs = Date.now() * 1000
    ;({ offered } = await load.done)
    await lab.expire()
    await stopReaping()
    lives = livesOf(log.events)
    during = lives.filter(({ destroyUs }) => destroyUs > stoppedUs && destroyUs < startedUs).length
    // It catches up in its own time; the test's own bound ends a wait for what never comes.
    do {
      await sleep(1000)
      rows = await read()
    } while (rows.size < offered)
  }, 400_000)

  afterAll(async () => {
    await lab.close()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  test('connections ended all the while', () => {
    expect(lives.length).toBeGreaterThan(offered / 2)
    expect(during).toBeGreaterThan((outageSeconds * rate) / 2)
  })

  test('gives no answer that is not in the audit', () => {
    expect(String(refused)).toMatch(/: 503 /)
  })

  test('loses nothing, writes nothing twice, and makes nothing up', () => {
    expect(rows.size).toBe(offered)
    const wrong = [...rows.values()].filter(
      ([row, ...more]) => more.length > 0 || row?.inferred !== false || row.startUnknown
    )
    expect(wrong).toEqual([])
  })
})
