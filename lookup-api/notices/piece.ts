import { formatWords } from '../../model/address.ts'
import { readAcns } from './acns.ts'
import type { Cut } from './acns.ts'
import { doubted, withoutRemains } from './acns-remains.ts'
import { inDoubt } from './facts.ts'
import { htmlToText } from './html-text.ts'
import { whyWordsSayNothing } from './nothing-found.ts'
import { readText } from './text.ts'
import type { Notice, NoticeSighting, Skipped, TimeContext } from './types.ts'
import { plainText, undash, unquote } from './unquote.ts'
import { readXarf, readXarfMail } from './xarf.ts'

/** One piece of text of a message, whatever stands in it. */
export interface PieceReading {
  /** What has a format of its own. */
  readonly structured: Notice[]
  /** What is said in words. */
  readonly free: Notice[]
  readonly skipped: Skipped[]
  /** Why its words say nothing; undefined where anything was found. */
  silent?: string
}

/** The text without its documents, line for line. */
function without(text: string, cuts: readonly Cut[]): string {
  let kept = ''
  let from = 0
  for (const { start, end } of cuts) {
    kept += `${text.slice(from, start)}\n\n`
    from = end
  }
  return kept + text.slice(from)
}

function freeNotice(
  text: string,
  part: string,
  format: 'csv' | 'text',
  context: TimeContext
): Notice[] {
  const { sightings, id, remarks } = readText(unquote(text), context)
  if (sightings.length === 0) return []
  return [
    {
      format,
      ...(id === undefined ? {} : { id }),
      part,
      sightings,
      sightingsLeftOut: 0,
      alsoSeen: [],
      remarks,
    },
  ]
}

/** As {@link readWhole}, and why, where nothing is in it. */
export function readPiece(
  given: string,
  part: string,
  type: string,
  context: TimeContext
): PieceReading {
  const reading = readWhole(given, part, type, context)
  if (reading.structured.length === 0 && reading.free.length === 0) {
    reading.silent = whyWordsSayNothing(type === 'text/html' ? htmlToText(given) : given)
  }
  return reading
}

/** Reads the words around documents; what is left of one that lost its beginning is no words. */
function readWords(
  reading: PieceReading,
  text: string,
  part: string,
  format: 'csv' | 'text',
  context: TimeContext
): void {
  const { words, skipped } = withoutRemains(text, part)
  const notices = freeNotice(words, part, format, context)
  reading.skipped.push(...skipped)
  reading.free.push(...(skipped.length === 0 ? notices : doubted(notices)))
}

/** Reads a piece of text: JSON, documents of ACNS, X-ARF of a mail, and the words around them. */
function readWhole(given: string, part: string, type: string, context: TimeContext): PieceReading {
  const text = undash(plainText(given))
  const reading: PieceReading = { structured: [], free: [], skipped: [] }
  if (/^\s*[[{]/.test(text)) {
    const reports = readXarf(text, part, context)
    if (reports !== undefined) {
      reading.structured.push(...reports)
      return reading
    }
  }
  const { notices, skipped, cuts } = readAcns(text, part, context)
  reading.structured.push(...notices)
  reading.skipped.push(...skipped)
  const rest = without(text, cuts)
  const html = type === 'text/html' || /^\s*<(?:!doctype html|html|body)\b/i.test(rest)
  const markup = html ? withoutRemains(rest, part, true) : undefined
  reading.skipped.push(...(markup?.skipped ?? []))
  const words = markup === undefined ? rest : plainText(htmlToText(markup.words))
  if (html && cuts.length === 0) {
    // Documents that HTML shows as text have their brackets written as references.
    const shown = readAcns(words, part, context)
    reading.structured.push(...shown.notices)
    reading.skipped.push(...shown.skipped)
    readWords(reading, without(words, shown.cuts), part, 'text', context)
    return reading
  }
  const report = readXarfMail(unquote(words), part, context)
  if (report !== undefined) {
    reading.structured.push(report.notice)
    const lines = unquote(words).split('\n')
    const left = [...lines.slice(0, report.from), ...lines.slice(report.to)].join('\n')
    readWords(reading, left, part, 'text', context)
    return reading
  }
  const format = type === 'text/csv' ? 'csv' : 'text'
  readWords(reading, words, part, format, context)
  return reading
}

const instantsOf = ({ time }: NoticeSighting): readonly number[] => time?.instants ?? []

/** True where words say nothing that the structured sighting does not say. */
function echoes(said: NoticeSighting, structured: NoticeSighting): boolean {
  if (said.ip === undefined || structured.ip === undefined) return false
  if (formatWords(said.ip) !== formatWords(structured.ip)) return false
  const samePort = said.port === undefined || said.port === structured.port
  const times = instantsOf(said)
  const sameTime = times.length === 0 || instantsOf(structured).some((us) => times.includes(us))
  return samePort && sameTime
}

const beside = 'It stands in words beside a report in a format of its own, which does not say it.'

/**
 * What words say beside a structured report: nothing where it says the same, else in doubt, as
 * words around a report often are of other things.
 */
export function subordinate(free: readonly Notice[], structured: readonly Notice[]): Notice[] {
  const known = structured
    .flatMap(({ sightings }) => sightings)
    .filter(({ ip }) => ip !== undefined)
  if (known.length === 0) return [...free]
  return free.flatMap((notice) => {
    const sightings = notice.sightings
      .filter((said) => said.ip !== undefined && !known.some((one) => echoes(said, one)))
      .map((said) => inDoubt(said, beside))
    return sightings.length === 0 ? [] : [{ ...notice, sightings }]
  })
}
