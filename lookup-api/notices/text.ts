import { formatWords } from '../../model/address.ts'
import { fuse, isAddress, isTime, makeFact, sightingKey } from './facts.ts'
import type { Fact } from './facts.ts'
import { associate } from './groups.ts'
import type { Layout } from './groups.ts'
import { judgeLabel } from './labels.ts'
import { maxLineLength, maxRecordLines, maxTextLength } from './limits.ts'
import { findPairs, isNamed } from './pairs.ts'
import type { Pair } from './pairs.ts'
import { readRecordLine } from './record-lines.ts'
import type { RecordLine } from './record-lines.ts'
import { readTables } from './tables.ts'
import type { NoticeSighting, TimeContext } from './types.ts'
import { readZoneTail } from './zone-tail.ts'
import type { ZoneToken } from './zone-tail.ts'

/** Plain text -> sightings: tables, lines of log, and fields with names. */

const separatorLine = /^[\s>|]*(?:[-=_*#~+]{3,}.{0,60}?|[-=_*#~+]{2,})\s*$/

/** Where lines stand in a text. */
function layoutOf(lines: readonly string[]): Layout {
  const blockOf: number[] = []
  const runOf: number[] = []
  let [block, run] = [0, 0]
  for (const [i, line] of lines.entries()) {
    const words = line.split(/\s+/).length
    const isValue = /:\s*$/.test(lines[i - 1] ?? '')
    const ruled = separatorLine.test(line) && line.trim() !== ''
    if (line.trim() === '' || ruled) block++
    if (ruled || (!isNamed(line) && !isValue && words >= 5)) run++
    blockOf.push(block)
    runOf.push(run)
  }
  return { blockOf, runOf }
}

const statement = /\b(?:times|timestamps|time ?stamps|dates|time ?zone|timezone|tz|log ?times?)\b/gi

/** Words that may lead up to the zone; figures may not. */
const leadWords =
  'are is in shown given expressed listed displayed reported provided quoted stated as at the ' +
  'all ' +
  'used for of below above here this these report logs? local time zone timezone'
const lead = new RegExp(`^(?:[\\s:=(]|\\b(?:${leadWords.replaceAll(' ', '|')})\\b)*`, 'i')

/** The zone that a text gives for all its times: "All times are UTC", "Local timezone is +0200". */
export function statedZones(text: string): ZoneToken[] {
  const tokens = new Map<string, ZoneToken>()
  for (const match of text.matchAll(statement)) {
    const from = match.index + match[0].length
    const at = from + (lead.exec(text.slice(from, from + 120))?.[0].length ?? 0)
    for (const token of readZoneTail(text.slice(0, at + 60), at).tokens) {
      tokens.set(token.text.toUpperCase().replaceAll(/[()]/g, ''), token)
    }
  }
  return [...tokens.values()]
}

/** Names that a block of mail headers has; a `Date` beside two of them is a mail's. */
const headerName =
  /^[\s*>]*(?:from|to|cc|subject|sent|reply-to|message-id|von|an|betreff|gesendet)\*?\s*:/i

function mailHeaders(lines: readonly string[], { blockOf }: Layout): ReadonlySet<number> {
  const counts = new Map<number, number>()
  for (const [i, line] of lines.entries()) {
    const block = blockOf[i] ?? 0
    if (headerName.test(line)) counts.set(block, (counts.get(block) ?? 0) + 1)
  }
  return new Set([...counts].filter(([, count]) => count >= 2).map(([block]) => block))
}

/** The value of a name that stands alone on its line is on the next. */
function valueBelow(lines: readonly string[], i: number): string {
  const below = lines.slice(i + 1, i + 3).find((line) => line.trim() !== '')
  return below === undefined || isNamed(below) ? '' : below.trim()
}

/** The named fields of a line. */
function factsOn(
  pairs: readonly Pair[],
  lines: readonly string[],
  i: number,
  context: TimeContext,
  stated: readonly ZoneToken[]
): Fact[] {
  return pairs.flatMap(({ name, value }) => {
    const text = value === '' ? valueBelow(lines, i) : value
    return makeFact(name, text, i, context, stated) ?? []
  })
}

/** Lines of a mail's header in the body: their addresses and times are those of its way here. */
const transport = new RegExp(
  '^[\\s>]*(?:received|return-path|x-[\\w-]+|authentication-results|arc-[\\w-]+|dkim-signature' +
    '|delivered-to)\\s*:',
  'i'
)

const isOtherTime = (pairs: readonly Pair[]): boolean =>
  pairs.some(({ name }) => judgeLabel(name)?.role === 'other-time')

interface Lines {
  readonly facts: Fact[]
  /** Fields of lines that have an address and a time by name: records of their own. */
  readonly records: Fact[][]
  readonly others: RecordLine[]
}

function sortLines(
  lines: readonly string[],
  taken: ReadonlySet<number>,
  layout: Layout,
  context: TimeContext,
  stated: readonly ZoneToken[]
): Lines {
  const sorted: Lines = { facts: [], records: [], others: [] }
  const headers = mailHeaders(lines, layout)
  for (const [i, line] of lines.entries()) {
    if (taken.has(i) || line.length > maxLineLength || transport.test(line)) continue
    const pairs = findPairs(line)
    const all = factsOn(pairs, lines, i, context, stated)
    const facts = headers.has(layout.blockOf[i] ?? -1)
      ? all.filter(({ label }) => label.role !== 'time')
      : all
    if (facts.some(isAddress) && facts.some(isTime)) sorted.records.push(facts)
    else if (facts.some((fact) => isAddress(fact) || isTime(fact)) && !hasRecord(facts, line)) {
      sorted.facts.push(...facts)
    } else {
      if (facts.length > 0 && !hasRecord(facts, line)) sorted.facts.push(...facts)
      if (/\d\.\d|:[\d:]/.test(line) && !isOtherTime(pairs)) sorted.others.push({ line, pairs })
    }
  }
  return sorted
}

/** A line of log has names too (`SRC=… SPT=…`), and its time has none. */
const hasRecord = (facts: readonly Fact[], line: string): boolean =>
  facts.some(({ label }) => label.role === 'ip' || label.role === 'their-ip') &&
  !facts.some(isTime) &&
  /\d{1,2}:\d{2}:\d{2}/.test(line)

/** What was read out of a text. */
export interface TextReading {
  readonly sightings: NoticeSighting[]
  readonly id?: string
  readonly remarks: string[]
}

function idOf(facts: readonly Fact[]): string | undefined {
  const ids = facts.filter(({ label }) => label.role === 'id').map(({ text }) => text.trim())
  const [first] = ids
  return first === undefined || first === '' || first.length > 100 ? undefined : first
}

/** Sightings none twice. */
export function distinct(sightings: readonly NoticeSighting[]): NoticeSighting[] {
  return [...new Map(sightings.map((sighting) => [sightingKey(sighting), sighting])).values()]
}

const isTimed = ({ time }: NoticeSighting): boolean => (time?.instants.length ?? 0) > 0

/** An address that is merely named, and has its times elsewhere in the text, is no sighting. */
function withoutEchoes(sightings: readonly NoticeSighting[]): NoticeSighting[] {
  const timed = new Set(sightings.filter(isTimed).map(({ ip }) => ip && formatWords(ip)))
  return sightings.filter(
    (sighting) =>
      isTimed(sighting) ||
      sighting.port !== undefined ||
      sighting.ip === undefined ||
      !timed.has(formatWords(sighting.ip))
  )
}

const ends = (a: NoticeSighting['ip'], b: NoticeSighting['ip']): string => JSON.stringify([a, b])

/** Lines that show both directions of one exchange do not say who of the two began it. */
function doubtBothWays(sightings: readonly NoticeSighting[]): NoticeSighting[] {
  const ways = new Set(sightings.map(({ ip, destinationIp }) => ends(ip, destinationIp)))
  const reason = 'The text shows both directions, and not which of the two is meant.'
  return sightings.map((sighting) => {
    const { ip, destinationIp } = sighting
    if (destinationIp === undefined || !ways.has(ends(destinationIp, ip))) return sighting
    return Object.assign({}, sighting, {
      uncertain: true,
      reasons: [...sighting.reasons, reason],
    })
  })
}

/** Reads a text that is unquoted and has line feeds alone. */
export function readText(whole: string, context: TimeContext): TextReading {
  const text = whole.slice(0, maxTextLength)
  const lines = text.split('\n')
  const stated = statedZones(text)
  const layout = layoutOf(lines)
  const tables = readTables(lines, context, stated)
  const { facts, records, others } = sortLines(lines, tables.lines, layout, context, stated)
  const named = [...facts, ...records.flat()].filter(isAddress)
  const known = new Set(
    named.flatMap(({ address }) => (address?.ip === undefined ? [] : [formatWords(address.ip)]))
  )
  const sightings = [
    ...tables.sightings,
    ...records.map((record) => fuse(record, context)),
    ...associate(facts, layout, context),
    ...others
      .slice(0, maxRecordLines)
      .flatMap((line) => readRecordLine(line, context, stated, known) ?? []),
  ]
  const remarks: string[] = []
  const unread = others.length - maxRecordLines
  if (unread > 0) remarks.push(`${unread} more lines were not searched for addresses and times.`)
  if (whole.length > text.length) remarks.push(`Only ${maxTextLength} characters were searched.`)
  if (tables.badRows > 0) remarks.push(`${tables.badRows} rows do not fit their header.`)
  const id = idOf(facts)
  return {
    sightings: withoutEchoes(doubtBothWays(distinct(sightings))),
    ...(id === undefined ? {} : { id }),
    remarks,
  }
}
