/** A ledger of random flows in a PostgreSQL of its own, for measurements of answers. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatWords, v4MappedWord } from '../model/address.ts'
import { makeFlowBatch } from '../model/flow-batch.ts'
import type { FlowBatch } from '../model/flow-batch.ts'
import { batchRows } from '../model/limits.ts'
import { noNetworks } from '../model/nat-view.ts'
import { formatInstant } from '../model/time.ts'
import { connect } from '../store/connect.ts'
import type { Credentials } from '../store/credentials.ts'
import { openDatabase } from '../store/database.ts'
import { embeddedUrls } from '../store/database-url.ts'
import type { DatabaseUrls } from '../store/database-url.ts'
import { startEmbedded } from '../store/embedded.ts'
import { LedgerWriter } from '../store/ledger-writer.ts'
import { migrateToLatest } from '../store/migrate.ts'
import { hourOf, partitionUs } from '../store/partitions.ts'
import { createToken } from '../store/tokens.ts'
import { fillRandom, makeRandom, randomPublic } from './random-flows.ts'

/** A question, as members of a row of a batch. */
export interface Question {
  readonly ip: string
  readonly port: number
  readonly protocol: string
  readonly at: string
}

export interface FilledLedger {
  readonly dataDir: string
  readonly rows: number
  /** URL of the log-in that owns the tables. */
  readonly ownerUrl: string
  /** Tokens: one that gets the NAT answer alone, and one that is told who it was. */
  readonly tokens: { readonly program: string; readonly administrator: string }
  /** A question about a connection that is there, or about nobody. */
  question(hit: boolean): Question
  /** Stops the server, and removes everything where the directory was made for it. */
  close(): Promise<void>
}

/** What is kept beside a filled ledger, so that it can be asked another time. */
interface Notes {
  readonly rows: number
  readonly hours: number
  readonly firstUs: number
  readonly tokens: FilledLedger['tokens']
  readonly samples: readonly Question[]
}

const batchesPerCommit = 16

const askedFor = (word: number, port: number, udp: boolean, us: number): Question => ({
  ip: formatWords([0, 0, v4MappedWord, word]),
  port,
  protocol: udp ? 'udp' : 'tcp',
  at: formatInstant(us),
})

/** A question about a row of a batch, at its middle. */
function sample({ columns }: FlowBatch, row: number): Question {
  const from = columns.flowStartMicroseconds[row] ?? 0
  const to = columns.flowEndMicroseconds[row] ?? 0
  const word = columns.postNatSourceAddress[4 * row + 3] ?? 0
  const port = columns.postNaptSourceTransportPort[row] ?? 0
  const at = Math.floor((from + to) / 2)
  return askedFor(word, port, columns.protocolIdentifier[row] === 17, at)
}

async function fill(
  { urls, credentials }: { urls: DatabaseUrls; credentials: Credentials },
  rows: number,
  hours: number
): Promise<Notes> {
  await migrateToLatest(urls.owner, credentials)
  const firstUs = hourOf(Date.now() * 1000) - (hours + 1) * partitionUs
  const tokens = await makeTokens(urls.audit)
  const { samples, written } = await write(urls.collector, rows, hours, firstUs)
  await settle(urls.owner)
  return { rows: written, hours, firstUs, tokens, samples }
}

/** The same questions at each run. */
function questionsOf({ samples, hours, firstUs }: Notes): FilledLedger['question'] {
  const random = makeRandom(4242)
  return (hit) => {
    const known = samples[random(samples.length)]
    if (hit && known !== undefined) return known
    const { word, port } = randomPublic(random)
    return askedFor(word, port, false, firstUs + random(hours * 3600) * 1e6)
  }
}

/**
 * Writes `rows` flows over `hours` partitions, by a live source that watched all that time, and
 * puts them in order. The server goes on running.
 *
 * @param keep a directory that is left as it is at the end, and not filled a second time; left
 *   out: one that is removed, also after a signal
 */
export async function fillLedger(
  rows: number,
  hours: number,
  keep?: string
): Promise<FilledLedger> {
  const dataDir = keep ?? (await mkdtemp(join(tmpdir(), 'flowledger-bench-')))
  const server = await startEmbedded(dataDir)
  const close = async (): Promise<void> => {
    await server.stop()
    if (keep === undefined) await rm(dataDir, { recursive: true, force: true })
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void close().finally(() => process.exit(1)))
  }
  try {
    const file = join(dataDir, 'bench-notes.json')
    const { credentials } = server
    const notes = existsSync(file)
      ? (JSON.parse(readFileSync(file, 'utf8')) as Notes)
      : await fill({ urls: embeddedUrls(server), credentials }, rows, hours)
    writeFileSync(file, JSON.stringify(notes), { mode: 0o600 })
    const { tokens } = notes
    const ownerUrl = embeddedUrls(server).owner
    return { dataDir, rows: notes.rows, ownerUrl, tokens, question: questionsOf(notes), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function makeTokens(url: string): Promise<FilledLedger['tokens']> {
  const audit = openDatabase(url, 1)
  try {
    return {
      program: await createToken(audit, { name: 'program', role: 'api-client' }),
      administrator: await createToken(audit, { name: 'administrator', role: 'administrator' }),
    }
  } finally {
    await audit.close()
  }
}

async function write(
  url: string,
  rows: number,
  hours: number,
  firstUs: number
): Promise<{ samples: Question[]; written: number }> {
  const writer = new LedgerWriter(url, noNetworks)
  const batches = Array.from({ length: batchesPerCommit }, () => makeFlowBatch(batchRows))
  const perHour = Math.ceil(rows / hours / batchRows)
  const samples: Question[] = []
  const random = makeRandom(777)
  let written = 0
  try {
    const source = await writer.registerSource('bench', 'conntrack')
    await writer.readCursor(source, 'bench')
    for (let hour = 0; hour < hours; hour++) {
      const startUs = firstUs + hour * partitionUs
      for (let left = perHour; left > 0; left -= batchesPerCommit) {
        const filled = batches.slice(0, left)
        for (const batch of filled) {
          fillRandom(batch, random, written, startUs, startUs + partitionUs - 1)
          written += batch.length
          samples.push(sample(batch, random(batch.length)))
        }
        const known = startUs + 2 * partitionUs
        await writer.commit({
          source,
          spool: 'bench',
          batches: filled,
          gaps: [],
          progress: { watermarkUs: known, closedThroughUs: known },
          watchedFromUs: firstUs - partitionUs,
          cursor: { segment: 1, offset: written },
        })
      }
      process.stderr.write(`\r${written} rows`)
    }
  } finally {
    process.stderr.write('\n')
    await writer.close()
  }
  return { samples, written }
}

/** Puts the new rows in order, as autovacuum does all along on a gateway. */
async function settle(ownerUrl: string): Promise<void> {
  const owner = await connect(ownerUrl)
  try {
    await owner.query('vacuum (analyze) ledger.flow')
    await owner.query('checkpoint')
  } finally {
    await owner.end()
  }
}
