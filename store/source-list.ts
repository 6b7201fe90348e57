import type { SourceKind } from '../model/coverage.ts'
import type { Database } from './database.ts'

/** A source, as rows name it by its id. */
export interface Source {
  readonly id: number
  readonly name: string
  readonly kind: SourceKind
  readonly skewUs: number
}

/** How long a list of sources is believed, in milliseconds: what a change of skew may wait. */
const freshMs = 5_000

/**
 * The sources, remembered: there are few, they are never removed, and every look-up needs them. An
 * id that is not in the list is younger than the list.
 */
export class SourceList {
  readonly #database: Pick<Database, 'query'>
  #byId = new Map<number, Source>()
  #readAtMs = -Infinity

  constructor(database: Pick<Database, 'query'>) {
    this.#database = database
  }

  /** The greatest skew of any source, in microseconds. */
  async maxSkewUs(): Promise<number> {
    if (performance.now() - this.#readAtMs > freshMs) await this.#read()
    return Math.max(0, ...[...this.#byId.values()].map((source) => source.skewUs))
  }

  /** The sources of these ids; reads the list again where one is missing. */
  async withIds(ids: Iterable<number>): Promise<ReadonlyMap<number, Source>> {
    for (const id of ids) {
      if (this.#byId.has(id)) continue
      await this.#read()
      break
    }
    return this.#byId
  }

  async #read(): Promise<void> {
    const rows = await this.#database.query<{
      id: number
      name: string
      kind: SourceKind
      skew_us: string
    }>('list its sources', { text: 'select id, name, kind, skew_us from ledger.source' })
    this.#byId = new Map(
      rows.map(({ id, name, kind, skew_us }) => [id, { id, name, kind, skewUs: Number(skew_us) }])
    )
    this.#readAtMs = performance.now()
  }
}
