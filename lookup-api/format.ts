import { exitCodes } from '../model/errors.ts'
import { authoritySentences } from './authority-text.ts'
import type { Answer, AnswerCandidate } from './contract.ts'
import { chainCells, chainColumns, chainLines, plain } from './chain/format-chain.ts'
import { csvLine, sheetLine } from './csv.ts'

/** An answer as a command prints it. */

export const outputFormats = ['table', 'json', 'csv'] as const

export type OutputFormat = (typeof outputFormats)[number]

/**
 * Any candidate is an answer; that nobody had it, and that nobody can know, are codes of their own.
 */
export function exitCodeOf(answer: Answer): number {
  if (answer.verdict === 'no-match') return exitCodes.noMatch
  return answer.verdict === 'no-data' ? exitCodes.noData : exitCodes.ok
}

const endpointText = ({ ip, port }: { ip: string; port: number }): string =>
  ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`

/** A record of many ports does not tell the one inside. */
const insideText = ({ inside, ports }: Pick<AnswerCandidate, 'inside' | 'ports'>): string =>
  ports === undefined ? endpointText(inside) : inside.ip

/** What nobody logged is not shown as if it were an address. */
const remoteText = (remote: { ip: string; port: number }): string =>
  remote.ip === '::' && remote.port === 0 ? '-' : endpointText(remote)

/** ANSI escapes by the surety of a verdict: green, yellow, red. */
const colours: Readonly<Record<Answer['verdict'], number>> = {
  unique: 32,
  'unique-after-destination': 32,
  multiple: 33,
  inferred: 33,
  conflict: 31,
  'no-match': 36,
  'no-data': 31,
}

const endText = ({ end, open, continues }: AnswerCandidate): string => {
  if (open || end === null) return 'open'
  return continues ? `after ${end}` : end
}

const startText = ({ start, start_known: known }: AnswerCandidate): string =>
  known ? start : `before ${start}`

const columns = [
  'rank',
  'inside',
  'public',
  'remote',
  'protocol',
  'start',
  'end',
  'source',
] as const

function cellsOf(candidate: AnswerCandidate): string[] {
  return [
    String(candidate.rank),
    insideText(candidate) + (candidate.zone === 0 ? '' : ` zone ${candidate.zone}`),
    endpointText(candidate.public),
    remoteText(candidate.remote),
    candidate.protocol,
    startText(candidate),
    endText(candidate),
    candidate.exporter,
  ]
}

function alignedTable(rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd()
  )
}

function candidateTable(candidates: readonly AnswerCandidate[]): string[] {
  if (candidates.length === 0) return []
  const whys = candidates.map(({ rank, reasons }) => plain(`  ${rank}: ${reasons.join(' ')}`))
  const rows = [columns.map((name) => name.toUpperCase()), ...candidates.map(cellsOf)]
  return ['', ...alignedTable(rows), '', 'Why:', ...whys]
}

function questionText({ query }: Answer): string {
  const asked = query.port === null ? query.ip : endpointText({ ip: query.ip, port: query.port })
  const destination = query.destination_ip === null ? '' : ` towards ${query.destination_ip}`
  const port = query.destination_port === null ? '' : ` port ${query.destination_port}`
  const protocol = query.protocol === null ? '' : ` ${query.protocol}`
  return `${asked}${protocol}${destination}${port} at ${query.at} +/- ${query.tolerance_seconds} s`
}

function coverageLines({ coverage }: Answer): string[] {
  const gaps = coverage.gaps.map(({ source, from, to, reason, lost }) => {
    const count = lost === null ? '' : `, ${lost} lost`
    return `  ${source}: ${from} to ${to} ${reason}${count}`
  })
  return [`Coverage: ${coverage.state}`, ...gaps]
}

/** The answer for people. `colour` is for terminals, where NO_COLOR is not set. */
export function formatTable(answer: Answer, { colour = false } = {}): string {
  const { verdict, candidates, candidate_count: count, near_misses: near } = answer
  const shown = colour ? `\u001b[1;${colours[verdict]}m${verdict}\u001b[0m` : verdict
  const more = count > candidates.length ? [`  and ${count - candidates.length} more hosts`] : []
  return [
    questionText(answer),
    `Verdict: ${shown}`,
    ...answer.reasons.map((reason) => `  ${reason}`),
    ...authoritySentences(answer.authority).map((sentence) => plain(`  ${sentence}`)),
    ...candidateTable(candidates),
    ...more,
    ...chainLines(candidates),
    ...(near.length === 0 ? [] : ['', 'Not answered, near misses:', ...candidateTable(near)]),
    '',
    ...coverageLines(answer),
    `Audit entry: ${answer.audit_id}`,
    '',
  ].join('\n')
}

const csvColumns = [
  ...(
    'verdict rank inside_ip inside_port public_ip public_port remote_ip remote_port protocol ' +
    'start end open bytes packets zone exporter nat class record flows coverage audit_id'
  ).split(' '),
  ...chainColumns,
]

/**
 * Start and end as a table of values has them: it has no place to say "before" or "after", so a
 * time that bounds only what was seen is left out.
 */
export const boundsOf = (candidate: AnswerCandidate): (string | null)[] => [
  candidate.start_known ? candidate.start : null,
  candidate.end_known && !candidate.continues ? candidate.end : null,
]

function candidateCsv(answer: Answer, candidate: AnswerCandidate): string {
  const { inside, public: outside, remote, links } = candidate
  return sheetLine([
    answer.verdict,
    candidate.rank,
    ...[inside, outside, remote].flatMap(({ ip, port }) => [ip, port]),
    candidate.protocol,
    ...boundsOf(candidate),
    candidate.open,
    candidate.bytes,
    candidate.packets,
    candidate.zone,
    candidate.exporter,
    candidate.nat,
    links[0]?.class ?? null,
    links[0]?.record ?? null,
    candidate.flows,
    answer.coverage.state,
    answer.audit_id,
    ...chainCells(candidate),
  ])
}

/** A line a candidate, with a header; without candidates one line that has the verdict alone. */
export function formatCsv(answer: Answer): string {
  const empty = csvColumns.map((name) => {
    if (name === 'verdict') return answer.verdict
    if (name === 'coverage') return answer.coverage.state
    return name === 'audit_id' ? answer.audit_id : null
  })
  const lines =
    answer.candidates.length === 0
      ? [csvLine(empty)]
      : answer.candidates.map((candidate) => candidateCsv(answer, candidate))
  return csvLine(csvColumns) + lines.join('')
}

/** The answer in one of the formats, with its last line feed. */
export function formatAnswer(
  answer: Answer,
  format: OutputFormat,
  options: { colour?: boolean } = {}
): string {
  if (format === 'csv') return formatCsv(answer)
  if (format === 'json') return `${JSON.stringify(answer, null, 2)}\n`
  return formatTable(answer, options)
}
