import { createReadStream } from 'node:fs'
import { chmod, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { importIdentity } from '../cli/import-identity.ts'
import { identityFormats } from '../collector/identity/formats.ts'
import { openDatabase } from '../store/database.ts'
import { embeddedUrls } from '../store/database-url.ts'
import { startEmbedded } from '../store/embedded.ts'
import { IdentityWriter } from '../store/identity-writer.ts'
import { migrateToLatest } from '../store/migrate.ts'
import { made, makeFile } from './identity-files.ts'

/**
 * Lines a second of files that tell who held an address: through the reader alone, and through the
 * whole import into a PostgreSQL of its own.
 *
 * npx tsx bench/identity-import.ts [--kind dhcpd|radius-detail] [--lines N] [--rounds N] [--parse]
 */
const { values } = parseArgs({
  options: {
    kind: { type: 'string', default: 'dhcpd' },
    lines: { type: 'string', default: '3000000' },
    rounds: { type: 'string', default: '7' },
    parse: { type: 'boolean', default: false },
  },
})
const kind = values.kind === 'radius-detail' ? 'radius-detail' : 'dhcpd'
const perSecond = (count: number, ms: number): number => Math.round(count / (ms / 1000))

async function parse(path: string): Promise<{ ms: number; events: number; refused: object }> {
  const reader = new identityFormats[kind]({ name: kind })
  const from = performance.now()
  let events = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    reader.push(chunk as Buffer)
    events += reader.take().length
  }
  reader.end()
  return { ms: performance.now() - from, events, refused: reader.counters.refused }
}

async function wholeImport(dataDir: string, path: string): Promise<{ ms: number; rows: number }> {
  const server = await startEmbedded(dataDir)
  try {
    const urls = embeddedUrls(server)
    await migrateToLatest(urls.owner, server.credentials)
    const database = openDatabase(urls.identity, 2)
    const writer = new IdentityWriter(database, { name: 'bench', kind })
    const sink = {
      readCursor: (key: string) => writer.readCursor(key),
      collect: () => writer.collect(),
    }
    const from = performance.now()
    await importIdentity([path], { kind }, sink, () => {})
    const ms = performance.now() - from
    const [row] = await database.query<{ count: string }>('count holdings', {
      text: 'select count(*) as count from identity.holdings',
    })
    await database.close()
    return { ms, rows: Number(row?.count) }
  } finally {
    await server.stop()
  }
}

const folder = await mkdtemp(join(tmpdir(), 'flowledger-bench-'))
try {
  // The server runs as a user of its own where this runs as root.
  await chmod(folder, 0o711)
  const path = join(folder, kind)
  const lines = await makeFile(kind, path, Number(values.lines), Number(values.rounds))
  const { size } = await stat(path)
  process.stderr.write(`${lines} lines, ${made[kind].lines} a record, ${size} octets\n`)
  const parsed = await parse(path)
  const reader = { lines_per_s: perSecond(lines, parsed.ms), events: parsed.events }
  const result = { kind, lines, reader, refused: parsed.refused }
  if (values.parse) console.log(JSON.stringify(result))
  else {
    const { ms, rows } = await wholeImport(join(folder, 'data'), path)
    const whole = { lines_per_s: perSecond(lines, ms), events_per_s: perSecond(parsed.events, ms) }
    console.log(JSON.stringify({ ...result, import: { ...whole, holdings: rows } }))
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}
