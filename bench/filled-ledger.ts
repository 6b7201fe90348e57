/** A ledger of random flows in a PostgreSQL of its own, for measurements of answers. */
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
import { openDatabase } from '../store/database.ts'
import { embeddedUrls } from '../store/database-url.ts'
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
  /** Tokens: one that gets the NAT answer alone, and one that is told who it was. */
  readonly tokens: { readonly program: string; readonly administrator: string }
  /** A question about a connection that is there, or about nobody. */
  question(hit: boolean): Question
  /** Stops the server and removes everything. */
  remove(): Promise<void>
}

/** One row in so many is remembered, to be asked for. */
const sampleEvery = 97
const batchesPerCommit = 16

const askedFor = (word: number, port: number, udp: boolean, us: number): Question => ({
  ip: formatWords([0, 0, v4MappedWord, word]),
  port,
  protocol: udp ? 'udp' : 'tcp',
  at: formatInstant(us),
})

/** Questions about some rows of a batch, at the middle of each. */
function sample(batch: FlowBatch): Question[] {
  const { columns, length } = batch
  const out: Question[] = []
  for (let row = 0; row < length; row += sampleEvery) {
    const from = columns.flowStartMicroseconds[row] ?? 0
    const to = columns.flowEndMicroseconds[row] ?? 0
    const word = columns.postNatSourceAddress[4 * row + 3] ?? 0
    const port = columns.postNaptSourceTransportPort[row] ?? 0
    const at = Math.floor((from + to) / 2)
    out.push(askedFor(word, port, columns.protocolIdentifier[row] === 17, at))
  }
  return out
}

/**
 * Writes `rows` flows over `hours` partitions, by a live source that watched all that time, and
 * puts them in order. The server goes on running.
 */
export async function fillLedger(rows: number, hours: number): Promise<FilledLedger> {
  const dataDir = await mkdtemp(join(tmpdir(), 'flowledger-bench-'))
  const server = await startEmbedded(dataDir)
  const remove = async (): Promise<void> => {
    await server.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
  try {
    const urls = embeddedUrls(server)
    await migrateToLatest(urls.owner, server.credentials)
    const firstUs = hourOf(Date.now() * 1000) - (hours + 1) * partitionUs
    const random = makeRandom(777)
    const tokens = await makeTokens(urls.audit)
    const { samples, written } = await write(urls.collector, rows, hours, firstUs, random)
    await settle(urls.owner)
    const question = (hit: boolean): Question => {
      const known = samples[random(samples.length)]
      if (hit && known !== undefined) return known
      const { word, port } = randomPublic(random)
      return askedFor(word, port, false, firstUs + random(hours * 3600) * 1e6)
    }
    return { dataDir, rows: written, tokens, question, remove }
  } catch (error) {
    await remove()
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
  firstUs: number,
  random: (below: number) => number
): Promise<{ samples: Question[]; written: number }> {
  const writer = new LedgerWriter(url, noNetworks)
  const batches = Array.from({ length: batchesPerCommit }, () => makeFlowBatch(batchRows))
  const perHour = Math.ceil(rows / hours / batchRows)
  const samples: Question[] = []
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
          if (written % 8 === 0) samples.push(...sample(batch).slice(0, 2))
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
