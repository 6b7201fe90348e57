import type { IdentityReader } from '../../collector/identity/reader.ts'

type Counts = Record<string, number>

/** What an import of identities did, over all its texts. */
export interface IdentityImportResult {
  readonly lines: number
  readonly events: number
  /** Lines of which nothing is known. */
  readonly unknown: number
  /** Records that say nothing of who held what, that could not be believed, and remarks. */
  readonly passed: Readonly<Counts>
  readonly refused: Readonly<Counts>
  readonly notes: Readonly<Counts>
  /** The first record that was refused or is not known, as `file:line`. */
  readonly firstRefused: string | undefined
  /** Texts that earlier imports had taken, whole or in part. */
  readonly known: readonly string[]
  /** Compressed files that are cut short or damaged; what came before that was taken. */
  readonly damaged: readonly string[]
  readonly interrupted: boolean
}

/** Counts while an import runs. */
export class IdentityTally {
  lines = 0
  events = 0
  unknown = 0
  readonly passed: Counts = {}
  readonly refused: Counts = {}
  readonly notes: Counts = {}
  firstRefused: string | undefined
  readonly known: string[] = []
  readonly damaged: string[] = []
  /** Octets read of the files, as they are on disk; and what there is to read (0: unknown). */
  bytes = 0
  bytesTotal = 0

  /** Takes over what a text gave, once it is read. */
  add({ counters }: IdentityReader): void {
    this.lines += counters.lines
    this.events += counters.events
    this.unknown += counters.unknown
    this.firstRefused ??= counters.firstRefused
    for (const name of ['passed', 'refused', 'notes'] as const) {
      for (const [reason, count] of Object.entries(counters[name])) {
        this[name][reason] = (this[name][reason] ?? 0) + count
      }
    }
  }

  result(interrupted: boolean): IdentityImportResult {
    const { lines, events, unknown, passed, refused, notes, firstRefused, known, damaged } = this
    return {
      lines,
      events,
      unknown,
      passed,
      refused,
      notes,
      firstRefused,
      known,
      damaged,
      interrupted,
    }
  }
}

const reasons: Readonly<Record<string, string>> = {
  cut: 'the last one has no end yet; it is read when it has',
  'zone-missing': 'times without a zone; --tz gives it',
  'time-impossible': 'the clocks of the zone never showed that time',
  'time-in-future': 'times after the file was written; --year gives the year that it begins in',
  contradictory: 'they end before they begin',
  ambiguous: 'they can be read in two ways',
  idle: 'free addresses',
  unmatched: 'other lines',
}

const notes: Readonly<Record<string, string>> = {
  'header-mismatch': 'records whose two times disagree, taken as weak',
  'unknown-statement': 'blocks with statements that are not known',
}

function told([reason, count]: readonly [string, number]): string {
  const why = reasons[reason]
  return `${count} ${reason}${why === undefined ? '' : ` (${why})`}`
}

/** What an import did, in plain sentences, one a line. */
export function describeIdentityImport(result: IdentityImportResult): string[] {
  const { passed, refused, unknown, firstRefused } = result
  const lines = [`${result.lines} lines read, ${result.events} statements written.`]
  for (const name of result.known) lines.push(`${name}: imported before, only the rest was read.`)
  const others = Object.entries(passed).map(told)
  if (others.length > 0) lines.push(`Passed over, holding nothing: ${others.join('; ')}.`)
  const bad = Object.entries(refused).map(told)
  if (bad.length > 0) lines.push(`Refused: ${bad.join('; ')}.`)
  if (unknown > 0) lines.push(`${unknown} lines are not known.`)
  if (firstRefused !== undefined) lines.push(`The first refused or unknown: ${firstRefused}.`)
  for (const [note, count] of Object.entries(result.notes)) {
    lines.push(`${count} ${notes[note] ?? note}.`)
  }
  for (const name of result.damaged) {
    lines.push(`${name} is cut short or damaged; what came before that was taken.`)
  }
  if (result.interrupted) lines.push('Interrupted: the same command goes on from here.')
  return lines
}

/** The same as a JSON object. */
export function identityImportJson(result: IdentityImportResult): string {
  const { firstRefused, ...rest } = result
  return JSON.stringify({ ...rest, first_refused: firstRefused ?? null })
}
