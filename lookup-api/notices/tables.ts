import { readCsv } from '../csv.ts'
import { fuse, isAddress, isPort, isTime, makeFact } from './facts.ts'
import type { Fact } from './facts.ts'
import { judgeLabel } from './labels.ts'
import type { NoticeSighting, TimeContext } from './types.ts'
import { excerpt } from './values.ts'
import type { ZoneToken } from './zone-tail.ts'

/** Tables with a header: CSV files, and columns in the text of a mail. One row, one sighting. */

const splitters: Readonly<Record<string, (line: string) => readonly string[] | undefined>> = {
  comma: (line) => [...readCsv(line)][0]?.cells,
  semicolon: (line) => [...readCsv(line.replaceAll(',', '\u0001').replaceAll(';', ','))][0]?.cells,
  tab: (line) => line.split('\t'),
  pipe: (line) =>
    line
      .replace(/^\s*\|/, '')
      .replace(/\|\s*$/, '')
      .split('|'),
  spaces: (line) => line.trim().split(/ {2,}/),
}

type Split = (line: string) => readonly string[] | undefined

/** How the cells of a line are told apart, where it is the header of a table of sightings. */
function headerOf(line: string): { split: Split; names: readonly string[] } | undefined {
  if (line.length > 4000 || /\d{1,3}\.\d{1,3}\.\d{1,3}/.test(line)) return undefined
  for (const split of Object.values(splitters)) {
    const names = split(line)?.map((name) => name.replaceAll('\u0001', ',').trim()) ?? []
    if (names.length < 2 || names.some((name) => name.length > 60)) continue
    const roles = names.map((name) => judgeLabel(name)?.role)
    const timed = roles.some(
      (role) => role !== undefined && /^(?:event|first|last|time)$/.test(role)
    )
    if (roles.includes('ip') && (timed || roles.includes('port'))) return { split, names }
  }
  return undefined
}

/**
 * Columns that reports about open or infected services have (Shadowserver's and those made after
 * them): their `port` is one of the address complained about.
 */
const serviceColumns =
  /^(?:tag|asn|geo|region|city|naics|sector|severity|sic|banner|hostname_source)$/i

const describesService = (names: readonly string[]): boolean =>
  names.filter((name) => serviceColumns.test(name)).length >= 3

/** One address column speaks for a row; `src_ip` before `ip`, as the plainer name may be ours. */
function rowSighting(
  facts: readonly Fact[],
  listening: boolean,
  context: TimeContext
): NoticeSighting {
  return fuse(facts, context, {
    listening: listening && !facts.some(({ label }) => label.explicit),
  })
}

/** What a table gave. */
export interface TableReading {
  readonly sightings: NoticeSighting[]
  /** Lines that were rows or headers of tables. */
  readonly lines: Set<number>
  /** Rows that could not be read as the header wants it. */
  readonly badRows: number
}

const rule = /^[\s|+=_-]*$/

/**
 * Reads the tables of a text.
 *
 * @param lines the text, line by line
 * @param stated the zone that the text gives for all its times
 */
export function readTables(
  lines: readonly string[],
  context: TimeContext,
  stated: readonly ZoneToken[]
): TableReading {
  const reading = { sightings: [] as NoticeSighting[], lines: new Set<number>(), badRows: 0 }
  let header: ReturnType<typeof headerOf>
  for (const [i, line] of lines.entries()) {
    if (header !== undefined && line.trim() !== '') {
      if (rule.test(line)) {
        reading.lines.add(i)
        continue
      }
      const cells = header.split(line)?.map((cell) => cell.replaceAll('\u0001', ',').trim())
      if (cells?.length === header.names.length) {
        reading.lines.add(i)
        const facts = header.names.flatMap((name, column) => {
          const text = cells[column] ?? ''
          if (text === '') return []
          return makeFact(name, text, i, context, stated) ?? []
        })
        if (facts.some((fact) => isAddress(fact) || isTime(fact) || isPort(fact))) {
          const sighting = rowSighting(facts, describesService(header.names), context)
          reading.sightings.push({ ...sighting, source: excerpt(line) })
        }
        continue
      }
      if (reading.lines.has(i - 1) && header.split !== splitters['spaces']) reading.badRows++
    }
    const next = headerOf(line)
    if (next !== undefined) reading.lines.add(i)
    if (next !== undefined || line.trim() !== '' || header?.split === splitters['spaces']) {
      header = next
    }
  }
  return reading
}
