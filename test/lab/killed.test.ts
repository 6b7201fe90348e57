import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatInstant } from '../../model/time.ts'
import { connect } from '../../store/connect.ts'
import { embeddedUrl } from '../../store/database-url.ts'
import { embeddedDatabase, startEmbedded } from '../../store/embedded.ts'
import { skipUnless } from '../skip.ts'
import { until } from '../until.ts'
import { startConntrackLog } from './conntrack-log.ts'
import { labMissing, makeLab, shortLived } from './gateway-lab.ts'
import type { Lab } from './gateway-lab.ts'
import { Journal } from './journal.ts'
import { livesOf, readRows, startLoad, startReaping } from './load.ts'
import type { Life, Row } from './load.ts'

const nowUs = (): number => Date.now() * 1000

/** What happened this long before the kill is in the journal, which may be busy until then. */
const journalledUs = 1e6

describe.skipIf(skipUnless('kernel', labMissing()))('kill -9 under load, and a new start', () => {
  let lab: Lab
  let lives: Life[] = []
  let rows = new Map<string, Row[]>()
  let offered = 0
  let killUs = 0
  let startUs = 0
  let readyUs = 0

  const rowsOf = (life: Life): Row[] => rows.get(life.key) ?? []

  beforeAll(async () => {
    // Entries live long enough that some outlive the kill and end while nobody watches.
    lab = await makeLab({
      hosts: 1,
      sysctls: { ...shortLived, 'net.netfilter.nf_conntrack_udp_timeout': 6 },
    })
    const log = await startConntrackLog(lab.topology)
    const stopReaping = startReaping(lab.topology)
    const program = await lab.up()
    await sleep(3000)
    const load = startLoad(lab.topology, 300, 30)
    // However long the load took to begin: so many of its connections are over.
    const isOver = ({ destroyUs }: Life): boolean => destroyUs < nowUs() - 2 * journalledUs
    while (livesOf(log.events).filter(isOver).length < 1500) await sleep(500)
    const journal = new Journal(lab.dataDir)
    await until(() => {
      const { watchedUs } = journal
      killUs = nowUs()
      return watchedUs >= killUs - journalledUs
    })
    await lab.end(program, 'SIGKILL')
    journal.close()
    await sleep(3000)
    startUs = nowUs()
    await lab.up()
    readyUs = nowUs()
    // However long the start took: some of the load comes after it.
    const later = startLoad(lab.topology, 300, 5, 20_000)
    for (const { done } of [load, later]) offered += (await done).offered
    await lab.expire()
    await stopReaping()
    await sleep(3000)
    lives = livesOf(log.events)
    const server = await startEmbedded(lab.dataDir)
    const client = await connect(embeddedUrl(server, 'owner', embeddedDatabase))
    rows = await readRows(client)
    await client.end()
    await server.stop()
  }, 300_000)

  afterAll(() => lab.close())

  test('the load ran before, through and after it', () => {
    // How much of it the log saw is up to `conntrack`, which loses events where the machine is busy.
    expect(offered).toBeGreaterThan(5000)
    expect(lives.length).toBeGreaterThan(offered / 2)
    expect(lives.filter(({ newUs }) => newUs > readyUs).length).toBeGreaterThan(100)
  })

  test('a flow whose end was journalled is there exactly once', () => {
    const ended = lives.filter(({ destroyUs }) => destroyUs < killUs - journalledUs)
    expect(ended.length).toBeGreaterThan(1000)
    const wrong = ended.filter((life) => {
      const [row, ...more] = rowsOf(life)
      return row === undefined || more.length > 0 || row.inferred || row.startUnknown
    })
    expect(wrong).toEqual([])
  })

  test('a flow whose start was journalled and whose end was missed is there as inferred', () => {
    const missed = lives.filter(
      ({ newUs, destroyUs }) =>
        newUs < killUs - journalledUs && destroyUs > killUs && destroyUs < startUs
    )
    expect(missed.length).toBeGreaterThan(100)
    const wrong = missed.filter((life) => {
      const list = rowsOf(life)
      const ids = new Set(list.map(({ flowId }) => flowId))
      return ids.size !== 1 || list.at(-1)?.inferred !== true
    })
    expect(wrong).toEqual([])
  })

  test('a flow that nobody saw at all is not made up', () => {
    const unseen = lives.filter(({ newUs, destroyUs }) => newUs > killUs && destroyUs < startUs)
    expect(unseen.flatMap(rowsOf)).toEqual([])
  })

  test('a flow that outlived the kill, or came after it, is one flow', () => {
    const after = lives.filter(({ destroyUs }) => destroyUs > readyUs)
    expect(after.length).toBeGreaterThan(1000)
    const wrong = after.filter(
      (life) => new Set(rowsOf(life).map(({ flowId }) => flowId)).size !== 1
    )
    expect(wrong).toEqual([])
  })

  test('no flow is there twice at any instant, and none with another host', () => {
    const host = lab.topology.hosts[0]?.ipv4
    const wrong = [...rows.values()].filter((list) =>
      list.some(({ insideIp, startUs: from }, i) => {
        const before = list[i - 1]
        return insideIp !== host || (before !== undefined && from < before.endUs)
      })
    )
    expect(wrong).toEqual([])
  })

  test('coverage shows the gap, and nothing is denied for it', async () => {
    for (const atUs of [killUs + 200_000, (killUs + startUs) / 2, startUs]) {
      const at = formatInstant(atUs)
      const question = { ip: '192.0.2.1', port: '9', protocol: 'tcp', at, tolerance: '50ms' }
      const { verdict, coverage } = await lab.lookup(question)
      expect(verdict).toBe('no-data')
      const meets = coverage.gaps.filter(({ from, to }) => from <= at && at <= to)
      expect(meets.map(({ reason }) => reason)).toContain('down')
    }
    const watched = await lab.lookup({
      ip: '192.0.2.1',
      port: '9',
      protocol: 'tcp',
      at: formatInstant(killUs - 3e6),
      tolerance: '50ms',
    })
    expect(watched.verdict).toBe('no-match')
  })
})
