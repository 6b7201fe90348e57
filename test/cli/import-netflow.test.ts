import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../cli/config/load.ts'
import { importNetflowFiles } from '../../cli/import-netflow.ts'
import { withImportLedger } from '../../cli/import-ledger.ts'
import type { NetflowSink } from '../../cli/import-ledger.ts'
import type { Config } from '../../model/config.ts'
import { connect } from '../../store/connect.ts'
import {
  flowFields,
  flowRecord,
  ipfix,
  noon,
  sessionEvent,
  sessionFields,
  set,
  template,
} from '../collector/netflow/messages.ts'
import { skipPostgres, usePostgres } from '../postgres.ts'

const sessions = 3000

const eventOf = (event: number, session: number): Buffer =>
  sessionEvent(event, {
    atMs: (noon + session / 100 + (event === 5 ? 60 : 0)) * 1000,
    ports: [session + 1, session + 1024],
  })

/** Flows of one domain, and sessions of another that begin long before they end. */
function fileOf(domain: number): Buffer {
  const messages = [
    ipfix({ domain }, set(2, template(256, flowFields), template(257, sessionFields))),
  ]
  for (let i = 0; i < 300; i++) {
    messages.push(ipfix({ domain }, set(256, ...Array.from({ length: 30 }, () => flowRecord()))))
  }
  for (const event of [4, 5]) {
    for (let from = 0; from < sessions; from += 20) {
      const records = Array.from({ length: 20 }, (_, i) => eventOf(event, from + i))
      messages.push(ipfix({ domain: domain + 1 }, set(257, ...records)))
    }
  }
  messages.splice(1, 0, ipfix({ domain: domain + 1 }, set(2, template(257, sessionFields))))
  return Buffer.concat(messages)
}

/** What ends an import, as Ctrl-C does, once its first transaction is written. */
function stopsAfterOne() {
  const stop = new AbortController()
  const sink = (netflow: NetflowSink): NetflowSink => ({
    ...netflow,
    async commit(...args) {
      await netflow.commit(...args)
      stop.abort()
    },
  })
  return { signal: stop.signal, sink }
}

describe.skipIf(skipPostgres)('import netflow-pcap', () => {
  const postgres = usePostgres()
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'flowledger-import-netflow-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  function configOf(): Config {
    const path = join(folder, 'config.yaml')
    writeFileSync(path, JSON.stringify({ database: { url: postgres.urls.collector } }))
    return loadConfig({ config: path, dataDir: join(folder, 'data') }, {}).config
  }

  /** Runs one import; `wrap` may come between it and the ledger. */
  const run = (
    file: string,
    options: { signal?: AbortSignal } = {},
    wrap: (sink: NetflowSink) => NetflowSink = (sink) => sink
  ) =>
    withImportLedger(configOf(), ({ netflow }) =>
      importNetflowFiles([file], { exporters: [], commitRows: 2000, ...options }, wrap(netflow))
    )

  /** Rows of the sources of a file: how many, of how many connections, and whose are not whole. */
  async function ledger(domain: number): Promise<unknown> {
    const client = await connect(postgres.urls.owner)
    const { rows } = await client.query(
      `select s.name, count(*)::int as rows, count(distinct f.flow_id)::int as flows,
         (count(*) filter (where f.start_at = f.end_at))::int as instants
       from ledger.flow f join ledger.source s on s.id = f.source
       where s.name = any($1) group by s.name order by s.name`,
      [[domain, domain + 1].map((id) => `import:0.0.0.0 domain ${id}`)]
    )
    await client.end()
    return rows
  }
  const whole = (domain: number) => [
    { name: `import:0.0.0.0 domain ${domain}`, rows: 9000, flows: 9000, instants: 0 },
    { name: `import:0.0.0.0 domain ${domain + 1}`, rows: sessions, flows: sessions, instants: 0 },
  ]

  test('twice adds nothing', async () => {
    const file = join(folder, 'one.ipfix')
    writeFileSync(file, fileOf(10))
    const first = await run(file)
    expect(first).toMatchObject({ records: 15_000, rows: 12_000, interrupted: false, known: [] })
    expect(await ledger(10)).toEqual(whole(10))
    expect(await run(file)).toMatchObject({ rows: 0, known: [file] })
    expect(await ledger(10)).toEqual(whole(10))
  })

  test('interrupted or killed it goes on: each row once, sessions over the break whole', async () => {
    const file = join(folder, 'two.ipfix')
    writeFileSync(file, fileOf(20))
    const { signal, sink: stopAfterOne } = stopsAfterOne()
    const cut = await run(file, { signal }, stopAfterOne)
    expect(cut.interrupted).toBe(true)
    expect(cut.rows).toBeLessThan(12_000)
    let commits = 0
    const diesAtThird = (sink: NetflowSink): NetflowSink => ({
      ...sink,
      async commit(...args) {
        if (++commits === 3) throw new Error('killed')
        await sink.commit(...args)
      },
    })
    await expect(run(file, {}, diesAtThird)).rejects.toThrow('killed')
    const rest = await run(file)
    expect(rest).toMatchObject({ interrupted: false, known: [] })
    expect(rest.rows).toBeLessThan(12_000)
    expect(await ledger(20)).toEqual(whole(20))
  })

  test('one that has grown adds what is new, killed or not, and so do files behind it', async () => {
    const file = join(folder, 'grown.ipfix')
    const bytes = fileOf(40)
    let rows = 0
    // Ends of messages or not, within sessions that have begun; the last part is appended twice.
    for (const size of [100_000, bytes.length - 100_001, bytes.length - 7, bytes.length]) {
      writeFileSync(file, bytes.subarray(0, size))
      const { signal, sink } = stopsAfterOne()
      if (size > 100_000) rows += (await run(file, { signal }, sink)).rows
      rows += (await run(file)).rows
      expect(await run(file)).toMatchObject({ rows: 0, known: [file] })
    }
    const [flows, events] = (await ledger(40)) as { rows: number; flows: number }[]
    expect([flows, events?.flows]).toEqual([whole(40)[0], sessions])
    expect(rows).toBe(9000 + (events?.rows ?? 0))
    const other = join(folder, 'other.ipfix')
    writeFileSync(other, fileOf(50))
    const both = await withImportLedger(configOf(), ({ netflow }) =>
      importNetflowFiles([file, other], { exporters: [] }, netflow)
    )
    expect(both.rows).toBe(12_000)
  })

  test('a file that is cut says so, and what is before that is taken', async () => {
    const file = join(folder, 'cut.ipfix')
    const bytes = fileOf(30)
    writeFileSync(file, bytes.subarray(0, bytes.length - 7))
    const { records, problems } = await run(file)
    expect(records).toBe(15_000 - 20)
    expect(problems).toEqual([`${file}: cut-off`])
    await expect(run(join(folder, 'missing'))).rejects.toMatchObject({ code: 'usage' })
  })
})
