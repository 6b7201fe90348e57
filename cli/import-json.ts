import type { ImportResult } from './import.ts'

function snake(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function snakeKeys(counters: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counters).map(([key, count]) => [snake(key), count]))
}

/** What an import did, and what the ledger refused of it, as a JSON object. */
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
