import type { ImportProgress, ImportResult } from '../import.ts'

/** Where progress is shown: standard error, or what stands for it. */
export interface ProgressStream {
  readonly isTTY?: boolean
  write(text: string): unknown
}

const terminalEveryMs = 200

/** Empties the line; without an order to the terminal where those are not wanted (no-color.org). */
const emptied = (env: NodeJS.ProcessEnv): string =>
  (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb' ? '\r\u001b[K' : `\r${' '.repeat(78)}\r`
const logEveryMs = 10_000

function duration(seconds: number): string {
  const whole = Math.ceil(seconds)
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  return minutes < 60
    ? `${minutes} min ${whole % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** Slow things by the minute: `0 hours/s` says nothing. */
function rate(count: number, what: string, seconds: number): string {
  const [per, unit] = count > 0 && count < seconds ? [60, 'min'] : [1, 's']
  return `${Math.round((per * count) / seconds)} ${what}/${unit}`
}

/** `1234567 lines, 310000 lines/s, 41 %, 12 s left`; the share only where the size is known. */
export function progressLine(progress: ImportProgress, elapsedMs: number): string {
  const { lines, what = 'lines', bytes, bytesTotal } = progress
  const seconds = Math.max(elapsedMs, 1) / 1000
  const parts = [`${lines} ${what}`, rate(lines, what, seconds)]
  if (bytesTotal > 0) {
    parts.push(`${Math.min(100, Math.floor((100 * bytes) / bytesTotal))} %`)
    if (bytes > 0 && bytes < bytesTotal) {
      parts.push(`${duration((seconds * (bytesTotal - bytes)) / bytes)} left`)
    }
  }
  return parts.join(', ')
}

/**
 * Shows progress: on a terminal one line that is written over, otherwise a line each ten seconds.
 *
 * @param nowMs the clock, in milliseconds
 * @returns what to hand to the import, and what to call at its end
 */
export function showProgress(
  stream: ProgressStream,
  nowMs: () => number = () => performance.now(),
  env: NodeJS.ProcessEnv = process.env
): { report: (progress: ImportProgress) => void; done: () => void } {
  const began = nowMs()
  const terminal = stream.isTTY === true
  let shownAt = began
  let shown = false
  const empty = emptied(env)
  return {
    report(progress) {
      const now = nowMs()
      if (now - shownAt < (terminal ? terminalEveryMs : logEveryMs)) return
      shownAt = now
      shown = true
      const line = progressLine(progress, now - began)
      stream.write(terminal ? `${empty}${line}` : `${line}\n`)
    },
    done() {
      if (terminal && shown) stream.write(empty)
    },
  }
}

const rejections: Readonly<Record<string, string>> = {
  expectation: 'expectations of helpers, which hold no port yet',
  'no-time': 'without a time (--at gives one)',
  'unterminated-line': 'last line not ended yet; it is read when it is',
}

const notes: Readonly<Record<string, string>> = {
  localTimeWithoutZone: 'local times of the kernel not used, since their zone is not known (--tz)',
  localTimeAmbiguous: 'local times not used, since the clocks showed them twice or never',
  localTimeUnreadable: 'local times that cannot be read',
  startImpossible: 'starts that cannot be, not used',
}

/** What an import did, in plain sentences, one a line. */
export function describeImport(result: ImportResult): string[] {
  const { flows, rejected, times, unknown } = result
  const known = result.linesKnown === 0 ? '' : ` (${result.linesKnown} imported before)`
  const lines = [
    `${result.lines} lines read${known}, ${flows.events} events, ${result.rows} rows written.`,
  ]
  if (flows.inferredEnds > 0) lines.push(`${flows.inferredEnds} ends were missed and are inferred.`)
  if (flows.orphans > 0) {
    lines.push(`${flows.orphans} connections began before the text does: only their end is known.`)
  }
  if (flows.evicted > 0) {
    lines.push(`${flows.evicted} connections were written early: too many were open at once.`)
  }
  for (const [reason, one] of Object.entries(rejected)) {
    const what = rejections[reason] === undefined ? '' : ` (${rejections[reason]})`
    lines.push(`${one.count} lines passed over: ${reason}${what}; the first is ${one.first}.`)
  }
  for (const [note, count] of Object.entries(times) as [string, number][]) {
    if (count > 0) lines.push(`${count} ${notes[note] ?? note}.`)
  }
  if (unknown.size > 0) {
    const named = [...unknown].map(([name, count]) => `${name} ${count}`)
    lines.push(`Fields that are not known, passed over: ${named.join(', ')}.`)
  }
  for (const name of result.damaged) {
    lines.push(`${name} is cut short or damaged; what came before that was taken.`)
  }
  if (result.interrupted) lines.push('Interrupted: the same command goes on from here.')
  return lines
}
