import type { ImportResult } from './import.ts'

/** `reason: n` for each counter that is not zero. */
function counted(counters: Readonly<Record<string, number>>): string[] {
  return Object.entries(counters)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => `${reason}: ${count}`)
}

function list(title: string, entries: readonly string[]): string[] {
  return entries.length === 0 ? [] : [`${title}: ${entries.join(', ')}`]
}

/** What an import did, for people; every line and row that was not taken is told by its reason. */
export function importSummary(
  result: ImportResult,
  refused: Readonly<Record<string, number>>
): string {
  const { lines, linesKnown, rows, rejected, unknown, damaged, interrupted } = result
  const known = linesKnown === 0 ? '' : ` (${linesKnown} of them known from before)`
  const passed = Object.entries(rejected).map(
    ([reason, { count, first }]) => `  ${reason}: ${count} (first ${first})`
  )
  return [
    `${lines} lines read${known}, ${rows} rows written.`,
    ...(passed.length === 0 ? [] : ['Lines passed over, by reason:', ...passed]),
    ...list('Rows that the ledger refused', counted(refused)),
    ...list('Connections', counted({ ...result.flows })),
    ...list("Times of the kernel's that were not used", counted({ ...result.times })),
    ...list('Fields that are not known', counted(Object.fromEntries(unknown))),
    ...damaged.map(
      (name) => `${name} is compressed and cut short or damaged; its start was taken.`
    ),
    ...(interrupted ? ['Interrupted: the same files given again go on from here.'] : []),
  ].join('\n')
}

function snake(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function snakeKeys(counters: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counters).map(([key, count]) => [snake(key), count]))
}

/** The same as a JSON object. */
export function importJson(
  result: ImportResult,
  refused: Readonly<Record<string, number>>
): string {
  const { lines, linesKnown, rows, rejected, unknown, damaged, interrupted } = result
  return JSON.stringify({
    lines,
    lines_known: linesKnown,
    rows,
    connections: snakeKeys({ ...result.flows }),
    times: snakeKeys({ ...result.times }),
    rejected,
    refused,
    unknown: Object.fromEntries(unknown),
    damaged,
    interrupted,
  })
}
