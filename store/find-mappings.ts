import type { AddressWords } from '../model/address.ts'
import type { Slice, SliceQuery } from '../model/slice.ts'
import type { Archive } from './archive/archive.ts'
import { computeHeld, computeSlices } from './computed-slices.ts'
import type { Database } from './database.ts'
import { makeFindManySlices, makeFindSlices } from './ledger-query.ts'
import type { FoundSlices } from './ledger-query.ts'
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
  return async (query) => {
    const [slices, [blocks], [computed]] = await Promise.all([
      findSlices(query),
      findBlocks(database, sources, [query]),
      computeSlices(database, [query]),
    ])
    return together([slices, blocks, computed].filter((part) => part !== undefined))
  }
}

/** The same for many questions, each with a port: an answer for each, in their order. */
export function makeFindManyMappings(
  database: Database,
  sources = new SourceList(database),
  archive?: Archive
): (queries: readonly SliceQuery[]) => Promise<readonly FoundSlices[]> {
  const findSlices = makeFindManySlices(database, sources, archive)
  return async (queries) => {
    const [slices, blocks, computed] = await Promise.all([
      findSlices(queries),
      findBlocks(database, sources, queries),
      computeSlices(database, queries),
    ])
    return queries.map((_, i) =>
      together([slices[i], blocks[i], computed[i]].filter((part) => part !== undefined))
    )
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
