/** A file that is followed: collector/identity's readers handed their sink. */
import { createHash } from 'node:crypto'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { identityFormats } from '../../collector/identity/formats.ts'
import type { IdentityReader } from '../../collector/identity/reader.ts'
import { SnapshotFile } from '../../collector/identity/snapshot.ts'
import { FileTail } from '../../collector/identity/tail.ts'
import { memoryAt } from '../../collector/identity/tail-memory.ts'
import { countOf } from './live.ts'
import type { LiveSource, LiveStatus } from './live.ts'
import type { IdentitySink } from './sink.ts'
import type { IdentityEvent } from '../../model/identity.ts'
import type { IdentityFileSource } from '../../model/identity-sources.ts'
import type { Log } from '../../model/log.ts'

const pollMs = 1000
/** While the database does not take what was read. */
const retryMs = 5000

/** dnsmasq's leases file says what is so now; its log, like all others, what happened. */
function isSnapshot({ kind, path }: IdentityFileSource): boolean {
  return kind === 'dnsmasq' && basename(path).includes('leases')
}

/** Follows a file; how far it was read is remembered below the data directory. */
export function followFile(
  config: IdentityFileSource,
  sink: IdentitySink,
  dataDir: string,
  log: Log
): LiveSource {
  const { kind, path, zone, patterns } = config
  const makeReader = (skip: number): IdentityReader =>
    new identityFormats[kind]({ name: basename(path), zone, patterns, skip })
  const store = (events: readonly IdentityEvent[], atUs: number): Promise<void> =>
    sink.writeWhatGoes(events, atUs, countOf(status()))
  const key = createHash('sha256').update(`${sink.name}\0${path}`).digest('hex').slice(0, 24)
  const memory = memoryAt(join(dataDir, 'identity', `${key}.json`))
  const file = isSnapshot(config)
    ? new SnapshotFile({ path, store, makeReader: () => makeReader(0) })
    : new FileTail({ path, store, makeReader, memory })
  const status = (): LiveStatus => {
    const { lines, unknown, refused } = file.totals.now
    return { read: lines, unknown, refused, trouble: file.trouble }
  }
  const stopping = new AbortController()
  const following = follow(file, path, stopping.signal, log)
  return {
    sink,
    sentence: `Following ${path} (${kind}) as source "${sink.name}".`,
    status,
    reload() {},
    async stop() {
      stopping.abort()
      await following
      await file.close()
    },
  }
}

/** Polls until it is stopped, slower while the database is away; says trouble when it changes. */
async function follow(
  file: FileTail | SnapshotFile,
  path: string,
  signal: AbortSignal,
  log: Log
): Promise<void> {
  let said: string | undefined
  while (!signal.aborted) {
    const { notStored } = file.counters
    try {
      await file.poll()
    } catch (error) {
      file.trouble = error instanceof Error ? error.message : String(error)
    }
    if (file.trouble !== said) {
      said = file.trouble
      if (said === undefined) log.info(`${path} is read again.`)
      else log.warn(`${path} cannot be read and is tried again: ${said}`)
    }
    const ms = file.counters.notStored > notStored ? retryMs : pollMs
    await sleep(ms, undefined, { signal }).catch(() => {})
  }
}
