import type { AddressWords } from '../model/address.ts'
import type { Slice, SliceQuery } from '../model/slice.ts'
import type { Archive } from './archive/archive.ts'
import { computeHeld, computeSlices } from './computed-slices.ts'
import type { Database } from './database.ts'
import { makeFindManySlices, makeFindSlices } from './ledger-query.ts'
import type { FoundSlices } from './ledger-query.ts'
import { makeFindHeld, withHeld } from './held-query.ts'
import { blocksOfInside, findBlocks } from './port-block-query.ts'
import { SourceList } from './source-list.ts'

function together(parts: readonly FoundSlices[]): FoundSlices {
  return { slices: parts.flatMap(({ slices }) => slices), cut: parts.some(({ cut }) => cut) }
}

/**
 * Makes the look-up of who held a public address and port by everything that is known: connections,
 * blocks of ports, and what deterministic maps say.
 *
 * @throws FlowledgerError `database-unreachable`, `database-failed`
 */
export function makeFindMappings(
  database: Database,
  sources = new SourceList(database),
  archive?: Archive
): (query: SliceQuery) => Promise<FoundSlices> {
  const findSlices = makeFindSlices(database, sources, archive)
  const findHeld = makeFindHeld(database, sources)
  return async (query) => {
    const [slices, [blocks], [computed]] = await Promise.all([
      findSlices(query),
      findBlocks(database, sources, [query]),
      computeSlices(database, [query]),
    ])
    // After the rows themselves: what is purged meanwhile is held by then.
    const held = await findHeld(query)
    const parts = [withHeld(slices, held), blocks, computed]
    return together(parts.filter((part) => part !== undefined))
  }
}

/** The same for many questions, each with a port: an answer for each, in their order. */
export function makeFindManyMappings(
  database: Database,
  sources = new SourceList(database),
  archive?: Archive
): (queries: readonly SliceQuery[]) => Promise<readonly FoundSlices[]> {
  const findSlices = makeFindManySlices(database, sources, archive)
  const findHeld = makeFindHeld(database, sources)
  return async (queries) => {
    const [slices, blocks, computed] = await Promise.all([
      findSlices(queries),
      findBlocks(database, sources, queries),
      computeSlices(database, queries),
    ])
    const out: FoundSlices[] = []
    for (const [i, query] of queries.entries()) {
      const found = slices[i] ?? { slices: [], cut: false }
      const parts = [withHeld(found, await findHeld(query)), blocks[i], computed[i]]
      out.push(together(parts.filter((part) => part !== undefined)))
    }
    return out
  }
}

/** What an inside address had by blocks and by maps, in [fromUs, toUs]. */
export interface HeldPortsQuery {
  readonly inside: AddressWords
  readonly fromUs: number
  readonly toUs: number
  readonly limit: number
}

/** Makes the list of the ports that an inside address had together. */
export function makeHeldPorts(
  database: Database,
  sources = new SourceList(database)
): (query: HeldPortsQuery) => Promise<readonly Slice[]> {
  return async (query) => {
    const [blocks, computed] = await Promise.all([
      blocksOfInside(database, sources, query),
      computeHeld(database, query),
    ])
    return [...blocks, ...computed].slice(0, query.limit)
  }
}
