/**
 * Who held an inside address, collected while the program runs: lease files and logs, RADIUS
 * accounting, the neighbour table -> store, as the log-in `identity`.
 */
import { join } from 'node:path'
import { followFile } from './file.ts'
import type { LiveSource, LiveStatus } from './live.ts'
import { followNeighbours } from './neighbours.ts'
import { listenRadius } from './radius.ts'
import { IdentitySink } from './sink.ts'
import type { Gaps } from './sink.ts'
import type { Config } from '../../model/config.ts'
import { FlowledgerError } from '../../model/errors.ts'
import type { IdentitySourceConfig } from '../../model/identity-sources.ts'
import type { Log } from '../../model/log.ts'
import { openDatabase } from '../../store/database.ts'
import type { Database } from '../../store/database.ts'
import { makeIdentitySources } from '../../store/identity-query.ts'
import { IdentityWriter } from '../../store/identity-writer.ts'
import { spoolIdentity } from '../../store/spool-identity.ts'

const connections = 4
const nothingRead = { read: 0, unknown: 0, refused: 0 } as const
/** A source that was heard this recently has lost nothing worth telling (us). */
const shortUs = 5e6

/** What one source did so far, for metrics and people. */
export interface IdentityReading extends LiveStatus {
  readonly name: string
  readonly stored: number
  /** When it was last heard (us since 1970); 0 before it was. */
  readonly heardUs: number
}

export interface CollectingIdentity {
  status(): readonly IdentityReading[]
  describe(): string[]
  /** Takes over clients and secrets; {@link fixedPart} tells what cannot change. */
  reload(config: Config): void
  stop(): Promise<void>
}

/** The sources without what a running one takes over, to see whether a restart is needed. */
export function fixedPart(config: Config): string {
  return JSON.stringify(
    config.collector.identity.map((source) =>
      source.kind === 'radius' ? { ...source, clients: [] } : source
    )
  )
}

/** The name of a source: as configured, else of its kind and the host that it is on. */
function nameOf(source: IdentitySourceConfig, host: string): string {
  if (source.name !== undefined) return source.name
  const place = 'path' in source ? `${host}:${source.path}` : host
  return `${source.kind} ${place}`.slice(0, 200)
}

/** Where a source is only heard while we run: from when to when nobody listened. */
async function gapBefore(database: Database, name: string, startedUs: number): Promise<Gaps> {
  const known = (await makeIdentitySources(database)(startedUs)).find((each) => each.name === name)
  const fromUs = known?.lastHeardUs
  if (fromUs === undefined || startedUs - fromUs < shortUs) return []
  return [{ fromUs, toUs: startedUs, reason: 'not-running' }]
}

/**
 * What nobody asked for is not begun where it cannot be kept: an own server without a log-in for
 * identities is no fault. One that is away now may come. The catalogue is asked, which anybody may:
 * who has no right to the schema may not even call its tables by their names.
 *
 * @throws FlowledgerError `database-failed`
 */
async function mayWrite(database: Database): Promise<void> {
  const text = `select bool_and(has_schema_privilege(n.oid, 'usage')
      and has_table_privilege(c.oid, 'insert')) as may
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'identity' and c.relname = 'holding'`
  const rows = await database
    .query<{ may: boolean }>('see what this log-in may do', { text })
    .catch((error: unknown) => {
      if (error instanceof FlowledgerError && error.code === 'database-unreachable') return []
      throw error
    })
  if (rows[0]?.may !== false) return
  throw new FlowledgerError(
    'database-failed',
    'The log-in of the collector does not write identities.',
    {
      fix: 'Give database.identity_url, the log-in flowledger_identity.',
    }
  )
}

/**
 * Starts every configured source.
 *
 * @param isThere false: the database is away, and is not asked before something is to be written
 */
export async function startCollectingIdentity(
  config: Config,
  url: string,
  log: Log,
  isThere = true
): Promise<CollectingIdentity> {
  const { dataDir, collector } = config
  const { source: host } = spoolIdentity(
    join(dataDir, 'spool', 'conntrack'),
    'conntrack',
    collector.name
  )
  const database = openDatabase(url, connections)
  const live: LiveSource[] = []
  const notFollowed: string[] = []
  const stop = async (): Promise<void> => {
    for (const source of live) await source.stop()
    await database.close()
  }
  const start = async (source: IdentitySourceConfig): Promise<void> => {
    const { kind } = source
    const name = nameOf(source, host)
    const writer = new IdentityWriter(database, { name, kind })
    const startedUs = Date.now() * 1000
    const isHeard = kind === 'radius' || kind === 'neighbours'
    const sink = new IdentitySink(writer, name, log, {
      loses: kind === 'radius',
      ...(isHeard && { gapsBefore: () => gapBefore(database, name, startedUs) }),
    })
    // With a database that is away now it is told with the first write that comes through.
    const tellGap = async (): Promise<void> => {
      if (isThere) await sink.write([], startedUs, nothingRead).catch(() => {})
    }
    if (kind === 'radius') {
      live.push(await listenRadius(source, sink))
      await tellGap()
    } else if (kind !== 'neighbours') live.push(followFile(source, sink, dataDir, log))
    else {
      try {
        if (source.auto && isThere) await mayWrite(database)
        live.push(followNeighbours(source, sink, host, log))
        await tellGap()
      } catch (error) {
        if (!source.auto || !(error instanceof FlowledgerError)) throw error
        notFollowed.push(`Not following this host's neighbours: ${error.sentence}`)
      }
    }
  }
  try {
    for (const source of config.collector.identity) await start(source)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    status: () => live.map(readingOf),
    describe: () => [...live.map(({ sentence }) => sentence), ...notFollowed],
    reload(next) {
      for (const source of next.collector.identity) {
        live.find(({ sink }) => sink.name === nameOf(source, host))?.reload(source)
      }
    },
    stop,
  }
}

function readingOf(source: LiveSource): IdentityReading {
  const { sink } = source
  const status = source.status()
  const refused =
    sink.counters.refused === 0
      ? status.refused
      : { ...status.refused, database: sink.counters.refused }
  return {
    ...status,
    refused,
    name: sink.name,
    stored: sink.counters.stored,
    heardUs: sink.heardUs,
  }
}
