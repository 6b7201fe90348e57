/** Binds a spool to the ledger: what a spool numbers gets the ledger's ids. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { SourceKind } from '../model/coverage.ts'
import type { Config } from '../model/config.ts'
import { FlowledgerError } from '../model/errors.ts'
import type { ExtraName } from '../model/fields.ts'
import type { Log } from '../model/log.ts'
import type { LedgerWriter } from '../store/ledger-writer.ts'
import { SpoolPump } from '../store/spool-pump.ts'
import type { CommitTarget, SpoolCommit } from '../store/spool-pump.ts'
import { readSpoolSources, sourcesFile } from '../store/spool-sources.ts'
import type { SpoolPosition } from '../store/spool-position.ts'

/** A failing database is reported this often, not at each try. */
const sameErrorMs = 30_000

export interface PumpedSpool {
  readonly directory: string
  /** Name of the source that the spool is of: one that was followed, or the listener of many. */
  readonly source: string
  readonly kind: SourceKind
  readonly spool: string
  /** Columns beside the usual ones that the ledger wants. */
  readonly extras?: readonly ExtraName[]
}

/** Says a failure once, and again only after a while or when it is another. */
function errorReporter(log: Log): (error: unknown) => void {
  let last = ''
  let saidAt = 0
  return (error) => {
    const sentence = error instanceof FlowledgerError ? error.sentence : String(error)
    if (sentence === last && Date.now() - saidAt < sameErrorMs) return
    last = sentence
    saidAt = Date.now()
    log.error(`Flows wait in the spool, they cannot be written: ${sentence}`)
  }
}

/** Ids of the sources that a spool numbers, registered as they come up. */
class SourceIds {
  readonly #writer: LedgerWriter
  readonly #directory: string
  readonly #ids = new Map<number, number>()
  #readBytes = 0

  constructor(writer: LedgerWriter, directory: string) {
    this.#writer = writer
    this.#directory = directory
  }

  /** The ids as of now; a number is in the file before the first row uses it. */
  async current(listener: number): Promise<ReadonlyMap<number, number>> {
    const size = statSync(join(this.#directory, sourcesFile), { throwIfNoEntry: false })?.size ?? 0
    if (size === this.#readBytes) return this.#ids
    for (const { index, name, kind } of readSpoolSources(this.#directory)) {
      if (this.#ids.has(index)) continue
      this.#ids.set(index, await this.#writer.registerSource(name, kind, listener))
    }
    this.#readBytes = size
    return this.#ids
  }
}

/** A watermark this near to now is somebody's who writes at this moment (us). */
const liveUs = 10e6

/**
 * Two collectors of one name would vouch for each other: each says up to when everything is in the
 * ledger. One that is new waits, its flows safe in the spool, while the name is another's. Where
 * the spool of a source was lost, its own last watermark is old soon enough.
 */
async function refuseSharedName(writer: LedgerWriter, id: number, source: string): Promise<void> {
  const watermarkUs = await writer.readWatermark(id)
  if (watermarkUs === undefined || Math.abs(Date.now() * 1000 - watermarkUs) > liveUs) return
  throw new FlowledgerError('config-invalid', `Another collector writes as source "${source}".`, {
    fix: 'Give each its own collector.name, and begin this one with an empty spool.',
  })
}

/**
 * Makes the pump of one spool; the caller runs it.
 *
 * @param pass the way into the ledger, which throws while it is shut
 */
export function makeLedgerPump(
  writer: LedgerWriter,
  config: Config,
  { directory, source, kind, spool, extras = [] }: PumpedSpool,
  log: Log,
  pass: () => Promise<void> = async () => {}
): SpoolPump {
  const ids = new SourceIds(writer, directory)
  let id: number | undefined
  const listener = async (): Promise<number> => (id ??= await writer.registerSource(source, kind))
  const commit = async ({ sources, ...rest }: SpoolCommit): Promise<void> => {
    const own = await listener()
    const sourceIds = await ids.current(own)
    const news = [...sources].flatMap(([index, told]) => {
      const known = sourceIds.get(index)
      return known === undefined ? [] : [{ ...told, source: known }]
    })
    const result = await writer.commit({ ...rest, source: own, spool, sourceIds, sources: news })
    for (const [reason, rows] of Object.entries(result.refused)) {
      log.warn(`${rows} flows were not written: ${reason}.`)
    }
  }
  const readCursor = async (): Promise<SpoolPosition | undefined> => {
    await pass()
    const own = await listener()
    const cursor = await writer.readCursor(own, spool)
    if (cursor === undefined) await refuseSharedName(writer, own, source)
    await writer.recallRollups(own, await ids.current(own), { directory, spool, extras })
    return cursor
  }
  const { maxBytes, keepFreeBytes, keepMs } = config.spool
  const target: CommitTarget = {
    readCursor,
    commit,
    readWatermark: async () => writer.readWatermark(await listener()),
    owes(isStopping) {
      if (isStopping) writer.rollups?.hurry()
      return writer.rollups?.isDue === true
    },
    get neededSegment() {
      return writer.rollups?.segment
    },
  }
  const onError = errorReporter(log)
  return new SpoolPump(target, { directory, maxBytes, keepFreeBytes, keepMs, onError, extras })
}
