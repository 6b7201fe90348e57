import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Readable } from 'node:stream'
import { identityFormats } from '../collector/identity/formats.ts'
import type { IdentityFileKind } from '../model/identity-sources.ts'
import type { IdentityReader, ReaderOptions } from '../collector/identity/reader.ts'
import { FlowledgerError } from '../model/errors.ts'
import { parseZone } from '../model/time-zone.ts'
import type { ImportProgress } from './import.ts'
import { IdentityImport, cursorOf } from './import/identity-import.ts'
import type { IdentityImportSink, IdentityShared } from './import/identity-import.ts'
import { IdentityTally } from './import/identity-tally.ts'
import type { IdentityImportResult } from './import/identity-tally.ts'
import { keyOfPart, knowText } from './import/identity-text.ts'
import type { KnownText } from './import/identity-text.ts'
import { openTextFile, streamSource } from './import/text-source.ts'
import type { TextSource } from './import/text-source.ts'

export interface IdentityImportOptions {
  readonly kind: IdentityFileKind
  /** Zone of times that name none (`--tz`): an IANA name or an offset. */
  readonly tz?: string | undefined
  /** Patterns of a log of log-ins. */
  readonly patterns?: readonly string[] | undefined
  /** When the files were written (`--at`, us since 1970); left out: what the file system says. */
  readonly atUs?: number | undefined
  /** The year in which times without one begin. */
  readonly year?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Statements of one transaction, at least; chunks of a file are taken whole. */
  readonly commitEvents?: number
  /** What `-` reads; `process.stdin` by default. */
  readonly stdin?: Readable
}

interface OpenText {
  readonly text: TextSource
  readonly writtenUs: number | undefined
}

/**
 * Imports files of who held what. Each is known by what it holds: given again it adds nothing, one
 * that has grown adds what is new, and a killed import goes on where its last commit was. A record
 * that cannot be understood is counted by reason and costs no other.
 *
 * @param files paths (gzip is known by its content) and `-` for standard input
 * @param report hears of the progress
 * @throws FlowledgerError `usage` for a file that cannot be read or holds another form,
 *   `time-zone-missing` where no time of it names a zone and none is declared; whatever the sink
 *   throws
 */
export async function importIdentity(
  files: readonly string[],
  options: IdentityImportOptions,
  sink: IdentityImportSink,
  report: (progress: ImportProgress) => void
): Promise<IdentityImportResult> {
  const tally = new IdentityTally()
  const { signal, commitEvents } = options
  const onProgress = (lines: number): void =>
    report({ lines: tally.lines + lines, bytes: tally.bytes, bytesTotal: tally.bytesTotal })
  const shared: IdentityShared = { sink, tally, signal, commitEvents, onProgress }
  // A pattern or zone that is wrong is told before anything is read.
  makeReader(options, 'options', undefined, 0)
  const texts = await openTexts(files, options)
  for (const { text } of texts) tally.bytesTotal += text.bytes
  let whole = true
  for (const each of texts) {
    whole = each.text.repeatable
      ? await importFile(each, options, shared)
      : await importStream(each.text, options, shared)
    if (!whole) break
  }
  return tally.result(!whole || signal?.aborted === true)
}

async function openTexts(
  files: readonly string[],
  { atUs, stdin, signal }: IdentityImportOptions
): Promise<OpenText[]> {
  const texts: OpenText[] = []
  for (const file of new Set(files)) {
    if (file === '-') {
      texts.push({ text: streamSource(stdin ?? process.stdin, signal), writtenUs: atUs })
      continue
    }
    const text = await openTextFile(file)
    const { mtimeMs } = await stat(file)
    texts.push({ text, writtenUs: atUs ?? Math.floor(mtimeMs) * 1000 })
  }
  return texts.sort((a, b) => Number(b.text.repeatable) - Number(a.text.repeatable))
}

function makeReader(
  { kind, tz, patterns, year }: IdentityImportOptions,
  name: string,
  writtenUs: number | undefined,
  skip: number
): IdentityReader {
  const zone = tz === undefined ? undefined : parseZone(tz)
  const options: ReaderOptions = { name: basename(name), zone, patterns, year, writtenUs, skip }
  return new identityFormats[kind](options)
}

/** What makes the same octets another import. */
function optionsText({ kind, tz, patterns, year, atUs }: IdentityImportOptions): string {
  return JSON.stringify(['identity', kind, tz, patterns, year, atUs])
}

async function importFile(
  { text, writtenUs }: OpenText,
  options: IdentityImportOptions,
  shared: IdentityShared
): Promise<boolean> {
  const { sink, tally } = shared
  const known = await knowText(text, optionsText(options), (key) => sink.readCursor(key))
  if (known.done > 0) tally.known.push(text.name)
  if (known.damaged) tally.damaged.push(text.name)
  if (known.done === known.bytes && known.bytes > 0) {
    tally.bytes += text.bytes
    return true
  }
  const reader = makeReader(options, text.name, writtenUs, known.done)
  const whole = await new IdentityImport(text, reader, known, shared).run()
  if (known.done === 0) requireStatements(text.name, options, reader)
  if (whole && reader.newestUs > 0) await rememberEnd(text, options, known, reader, sink)
  return whole
}

async function importStream(
  text: TextSource,
  options: IdentityImportOptions,
  shared: IdentityShared
): Promise<boolean> {
  const reader = makeReader(options, 'stdin', options.atUs, 0)
  const known = { key: undefined, bytes: Infinity }
  const whole = await new IdentityImport(text, reader, known, shared).run()
  requireStatements(text.name, options, reader)
  return whole
}

/**
 * Notes what the text is known by once it has grown: the hash of what was taken, and, under its
 * beginning, how much that is. Each says nothing without the other.
 */
async function rememberEnd(
  text: TextSource,
  options: IdentityImportOptions,
  { key, headKey, bytes }: KnownText,
  { offset, newestUs: atUs }: IdentityReader,
  sink: IdentityImportSink
): Promise<void> {
  const partKey = offset === bytes ? key : await keyOfPart(text, offset, optionsText(options))
  const counters = { read: 0, unknown: 0, refused: 0 }
  for (const each of [partKey, headKey]) {
    if (each === undefined || offset === 0) continue
    await sink.collect().write({ atUs, counters, cursor: cursorOf(text, each, offset) })
  }
}

/** A file of which nothing could be read is another file, or needs an option: that must show. */
function requireStatements(
  name: string,
  { kind }: IdentityImportOptions,
  { counters }: IdentityReader
): void {
  const { events, refused, passed, unknown } = counters
  if (events > 0) return
  if ((refused['zone-missing'] ?? 0) > 0) {
    const what = `The times in ${name} do not say in which time zone they are.`
    const fix = 'Give it with --tz, such as --tz Europe/Berlin.'
    throw new FlowledgerError('time-zone-missing', what, { fix })
  }
  if (Object.keys(passed).length > 0) return
  const counts = [...Object.entries(refused), ...(unknown > 0 ? [['unknown', unknown]] : [])]
  if (counts.length === 0) return
  const why = counts.map(([reason, count]) => `${reason}: ${count}`).join(', ')
  throw new FlowledgerError('usage', `${name} holds nothing of the kind ${kind} (${why}).`, {
    fix: 'See docs/how-to/identity-sources.md for what each kind reads.',
  })
}
