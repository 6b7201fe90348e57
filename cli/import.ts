import { randomBytes } from 'node:crypto'
import type { Readable } from 'node:stream'
import { LocalClock } from '../collector/conntrack/local-clock.ts'
import { TextFlows } from '../collector/conntrack/text-flows.ts'
import type { TextFlowCounters } from '../collector/conntrack/text-flows.ts'
import { LineReader } from '../collector/conntrack/text-line.ts'
import type { TimeNotes } from '../collector/conntrack/text-times.ts'
import { parseZone } from '../model/time-zone.ts'
import { ImportTally } from './import/import-tally.ts'
import type { Rejected, Rejection } from './import/import-tally.ts'
import type { LedgerSink } from './import/ledger-sink.ts'
import { RowBuffer } from './import/row-buffer.ts'
import { identify, readHead } from './import/text-identity.ts'
import type { TextHead, TextIdentity } from './import/text-identity.ts'
import { TextImport } from './import/text-import.ts'
import { openTextFile, streamSource } from './import/text-source.ts'
import type { TextSource } from './import/text-source.ts'

export interface ImportOptions {
  /** Name of the source under which the flows stand in the ledger. */
  readonly source: string
  /** When lines without a time were, in microseconds since 1970 (`--at`). */
  readonly atUs?: number | undefined
  /** Zone of the kernel's local times (`--tz`): an IANA name or an offset. */
  readonly tz?: string | undefined
  /** Ends the import after the chunk that is being read; the next run goes on from there. */
  readonly signal?: AbortSignal | undefined
  /** What `-` reads; `process.stdin` by default. */
  readonly stdin?: Readable
  /** The clock, in microseconds since 1970. */
  readonly nowUs?: () => number
}

/** How far an import is; told after every chunk. */
export interface ImportProgress {
  readonly lines: number
  /** What is counted, where it is not lines. */
  readonly what?: string
  /** Octets read of the files; `bytesTotal` is 0 where nobody knows how many there are. */
  readonly bytes: number
  readonly bytesTotal: number
}

/** What an import did. */
export interface ImportResult {
  readonly lines: number
  /** Lines that an earlier run had taken. */
  readonly linesKnown: number
  /** Rows written in this run: slices of connections. */
  readonly rows: number
  readonly flows: TextFlowCounters
  readonly times: TimeNotes
  readonly rejected: Readonly<Partial<Record<Rejection, Rejected>>>
  /** Fields and flags that are not known, by name. */
  readonly unknown: ReadonlyMap<string, number>
  /** Compressed files that are cut short or damaged; what came before that was taken. */
  readonly damaged: readonly string[]
  /** True where the signal ended it. */
  readonly interrupted: boolean
}

/**
 * Imports what `conntrack -E` and `-L` printed, or copies of /proc/net/nf_conntrack. Texts are told
 * by what they hold: the same one given again adds nothing, one that has grown adds what is new,
 * and a killed import goes on where its last commit was. Texts given together are read in the order
 * of their first events, and a connection that began in one may end in the next.
 *
 * @param files paths (gzip is known by its content) and `-` for standard input
 * @param report hears of the progress
 * @throws FlowledgerError `usage` for a file that cannot be read, holds another form or no times;
 *   whatever the sink throws
 */
export async function importConntrack(
  files: readonly string[],
  options: ImportOptions,
  sink: LedgerSink,
  report: (progress: ImportProgress) => void
): Promise<ImportResult> {
  const { atUs = 0, tz, signal, nowUs = () => Date.now() * 1000 } = options
  const clock = tz === undefined ? undefined : new LocalClock(parseZone(tz))
  const rows = new RowBuffer()
  const tally = new ImportTally()
  const flows = new TextFlows({ emit: (row) => rows.add(row), clock })
  const reader = new LineReader()
  const onProgress = (): void =>
    report({ lines: tally.lines, bytes: tally.bytes, bytesTotal: tally.bytesTotal })
  const shared = { flows, reader, rows, tally, sink, atUs, nowUs, signal, onProgress }
  const texts = await openTexts(files, options)
  for (const { text } of texts) tally.bytesTotal += text.bytes
  await sink.register(options.source)
  let whole = true
  for (const { text, head } of texts) {
    const identity = await identityOf(text, head, `at ${atUs} tz ${tz ?? ''}`, sink)
    whole = await new TextImport(text, identity, shared).run()
    if (!whole) break
  }
  return {
    lines: tally.lines,
    linesKnown: tally.linesKnown,
    rows: tally.rows,
    flows: flows.counters,
    times: flows.times.notes,
    rejected: tally.rejected,
    unknown: reader.unknown,
    damaged: tally.damaged,
    interrupted: !whole || signal?.aborted === true,
  }
}

interface OpenText {
  readonly text: TextSource
  /** Undefined for standard input, which cannot be looked at first. */
  readonly head: TextHead | undefined
}

/** Opens all before any is read, so that a wrong path costs nothing; oldest first, `-` last. */
async function openTexts(files: readonly string[], options: ImportOptions): Promise<OpenText[]> {
  const texts: OpenText[] = []
  for (const file of new Set(files)) {
    if (file === '-') {
      const text = streamSource(options.stdin ?? process.stdin, options.signal)
      texts.push({ text, head: undefined })
      continue
    }
    const text = await openTextFile(file)
    texts.push({ text, head: await readHead(text) })
  }
  return texts.sort((a, b) => (a.head?.firstUs ?? Infinity) - (b.head?.firstUs ?? Infinity))
}

async function identityOf(
  text: TextSource,
  head: TextHead | undefined,
  options: string,
  sink: LedgerSink
): Promise<TextIdentity> {
  if (head !== undefined) return identify(text, head, options, sink)
  // Who reads a pipe again gets other arrival times: every run is a text of its own.
  const key = randomBytes(20).toString('hex')
  return { key, cursor: await sink.readCursor(key), endCursor: undefined }
}
