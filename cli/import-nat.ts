import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { noNatCounters } from '../collector/nat/nat-counters.ts'
import type { NatCounters } from '../collector/nat/nat-counters.ts'
import { NatTracker } from '../collector/nat/tracker.ts'
import { SyslogHeader } from '../collector/syslog/header.ts'
import { LineSource, noLines } from '../collector/syslog/line-source.ts'
import type { LineCounters } from '../collector/syslog/line-source.ts'
import { readPatterns } from '../collector/syslog/pattern.ts'
import { FlowledgerError } from '../model/errors.ts'
import { maxImportOpenFlows } from '../model/limits.ts'
import type { NatVendor } from '../model/syslog-sources.ts'
import { parseZone } from '../model/time-zone.ts'
import type { ImportProgress } from './import.ts'
import type { LedgerSink } from './import/ledger-sink.ts'
import { LineSplitter } from './import/line-splitter.ts'
import { NatRowsBuffer } from './import/nat-rows-buffer.ts'
import { NatTextImport } from './import/nat-text-import.ts'
import type { NatTally } from './import/nat-text-import.ts'
import { identify } from './import/text-identity.ts'
import type { TextHead, TextIdentity } from './import/text-identity.ts'
import { DamagedTextError, openTextFile, streamSource } from './import/text-source.ts'
import type { TextSource } from './import/text-source.ts'

export interface NatImportOptions {
  /** Name of the source under which the mappings stand in the ledger. */
  readonly source: string
  readonly vendor: NatVendor | 'auto'
  /** Zone of times that name none (`--tz`). */
  readonly tz?: string | undefined
  /** When the files were written (us since 1970); left out: what the file system says. */
  readonly atUs?: number | undefined
  /** Year in which times without one begin. */
  readonly year?: number | undefined
  readonly patternFile?: string | undefined
  /** HOSTNAMEs whose lines are read, where a relay wrote those of several gateways. */
  readonly hosts?: readonly string[] | undefined
  readonly signal?: AbortSignal | undefined
  /** What `-` reads; `process.stdin` by default. */
  readonly stdin?: Readable
}

/** What an import did. */
export interface NatImportResult extends NatTally {
  readonly read: LineCounters
  readonly mappings: NatCounters
  /** Lines that were not understood, the latest of each kind. */
  readonly samples: LineSource['samples']
  readonly interrupted: boolean
}

/**
 * Imports NAT logs that were written by syslog, whatever the vendor. As `import conntrack` does: a
 * text is known by what it holds, so that given again it adds nothing, one that has grown adds what
 * is new, and a killed import goes on where its last commit was.
 *
 * @throws FlowledgerError `usage` for a file or pattern that cannot be read,
 *   `time-zone-missing` where no line names a zone and none is given; whatever the sink throws
 */
export async function importNat(
  files: readonly string[],
  options: NatImportOptions,
  sink: LedgerSink,
  report: (progress: ImportProgress) => void
): Promise<NatImportResult> {
  const rows = new NatRowsBuffer()
  const tracker = new NatTracker({ journal: rows, maxOpen: maxImportOpenFlows, keepsFlows: true })
  const tally: NatTally = {
    lines: 0,
    linesKnown: 0,
    rows: 0,
    tooLong: 0,
    otherHosts: 0,
    unterminated: 0,
    bytes: 0,
    bytesTotal: 0,
    damaged: [],
  }
  const onProgress = (): void => report(tally)
  const hosts =
    options.hosts === undefined
      ? undefined
      : new Set(options.hosts.map((host) => host.toLowerCase()))
  const shared = { tracker, rows, tally, sink, signal: options.signal, onProgress, hosts }
  const texts = await openTexts(files, options)
  for (const { text } of texts) tally.bytesTotal += text.bytes
  await sink.register(options.source)
  const readers: LineSource[] = []
  let whole = true
  for (const { text, head, writtenUs } of texts) {
    const lines = lineSourceOf(options, writtenUs, text.repeatable)
    readers.push(lines)
    const identity = await identityOf(text, head, options, sink)
    tracker.lastFlowId = Math.max(tracker.lastFlowId, firstFlowId(identity.key))
    whole = await new NatTextImport(text, identity, lines, shared).run()
    requireEvents(text.name, lines)
    if (!whole) break
  }
  return {
    ...tally,
    read: addUp(readers),
    mappings: readers.length === 0 ? noNatCounters() : tracker.counters,
    samples: readers.at(-1)?.samples ?? { unknown: [], malformed: [] },
    interrupted: !whole,
  }
}

/** Serial numbers of a text's mappings begin where no other text's do, by its key. */
function firstFlowId(key: string): number {
  return Number.parseInt(key.slice(0, 5), 16) * 2 ** 32
}

function lineSourceOf(
  { vendor, tz, year, patternFile }: NatImportOptions,
  writtenUs: number | undefined,
  isFile: boolean
): LineSource {
  const zone = tz === undefined ? undefined : parseZone(tz)
  const patterns = patternFile === undefined ? [] : readPatternFile(patternFile)
  const nowUs = (): number => Date.now() * 1000
  return new LineSource({ vendor, zone, year, writtenUs, patterns, live: !isFile, nowUs })
}

function readPatternFile(path: string) {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new FlowledgerError('usage', `${path} cannot be read.`, { cause })
  }
  return readPatterns(text)
}

interface OpenText {
  readonly text: TextSource
  readonly head: TextHead | undefined
  readonly writtenUs: number | undefined
}

/** Opens all before any is read, so that a wrong path costs nothing; oldest first, `-` last. */
async function openTexts(
  files: readonly string[],
  options: NatImportOptions
): Promise<readonly OpenText[]> {
  const texts: OpenText[] = []
  for (const file of new Set(files)) {
    if (file === '-') {
      const text = streamSource(options.stdin ?? process.stdin, options.signal)
      texts.push({ text, head: undefined, writtenUs: options.atUs })
      continue
    }
    const text = await openTextFile(file)
    const writtenUs = options.atUs ?? Math.floor((await stat(file)).mtimeMs) * 1000
    texts.push({ text, head: await readHead(text, options, writtenUs), writtenUs })
  }
  return texts.sort((a, b) => (a.head?.firstUs ?? Infinity) - (b.head?.firstUs ?? Infinity))
}

/** The first line: what a log begins with stays when it grows, is renamed or compressed. */
async function readHead(
  text: TextSource,
  { tz, year }: NatImportOptions,
  writtenUs: number
): Promise<TextHead> {
  const splitter = new LineSplitter()
  let first: string | undefined
  try {
    for await (const chunk of text.chunks()) {
      splitter.push(
        chunk,
        (line) => void (first ??= line),
        () => {}
      )
      if (first !== undefined) break
    }
  } catch (error) {
    if (!(error instanceof DamagedTextError)) throw error
  }
  const line = first ?? splitter.tail
  const zone = tz === undefined ? undefined : parseZone(tz)
  const header = new SyslogHeader({ zone, year, writtenUs, nowUs: () => Date.now() * 1000 })
  const firstUs = header.read(line) === undefined ? header.firstUs : 0
  return { digest: createHash('sha256').update(line, 'latin1').digest('hex'), firstUs }
}

async function identityOf(
  text: TextSource,
  head: TextHead | undefined,
  { tz, year, vendor, patternFile, atUs, hosts = [] }: NatImportOptions,
  sink: LedgerSink
): Promise<TextIdentity> {
  if (head !== undefined) {
    const given = JSON.stringify(['syslog-nat', tz, year, vendor, patternFile, atUs, ...hosts])
    return identify(text, head, given, sink)
  }
  // Who reads a pipe again gets other arrival times: every run is a text of its own.
  const key = randomBytes(20).toString('hex')
  return { key, cursor: await sink.readCursor(key), endCursor: undefined }
}

/** A text of which nothing could be read is another one, or needs an option: that must show. */
function requireEvents(name: string, { counters, samples }: LineSource): void {
  const { lines, events, passed, timeless, unknown, malformed } = counters
  if (lines === 0 || events > 0 || passed > 0) return
  if ((timeless['zone-missing'] ?? 0) > 0) {
    const what = `The times in ${name} do not say in which time zone they are.`
    const fix = 'Give it with --tz, such as --tz Europe/Berlin.'
    throw new FlowledgerError('time-zone-missing', what, { fix })
  }
  const why = JSON.stringify({ unknown, malformed, ...timeless })
  const sample = samples.malformed[0] ?? samples.unknown[0] ?? ''
  throw new FlowledgerError('usage', `${name} holds no NAT log that is known: ${why}. ${sample}`, {
    fix: 'See docs/how-to/syslog-nat.md for the vendors, and for patterns of your own.',
  })
}

function addUp(readers: readonly LineSource[]): LineCounters {
  const sum = noLines()
  for (const { counters } of readers) {
    for (const key of [
      'lines',
      'events',
      'passed',
      'unknown',
      'malformed',
      'arrivalTimes',
    ] as const) {
      sum[key] += counters[key]
    }
    for (const [reason, count] of Object.entries(counters.timeless)) {
      const known = reason as keyof typeof sum.timeless
      sum.timeless[known] = (sum.timeless[known] ?? 0) + count
    }
  }
  return sum
}
