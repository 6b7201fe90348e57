import { nameOf } from './comparison.ts'
import type { Comparison } from './comparison.ts'
import { describeMachine, describePeers } from './machine.ts'

/** What one command gave. */
export interface Measured {
  readonly command: string
  readonly found: readonly Comparison[]
}

const significant = (value: number): string =>
  Math.abs(value) >= 1000
    ? Math.round(value).toLocaleString('en').replaceAll(',', ' ')
    : value.toPrecision(3)

/** A median, and the least and most of several rounds. */
function spread(median: number, rounds: readonly number[]): string {
  if (rounds.length < 2) return significant(median)
  const [least, most] = [Math.min(...rounds), Math.max(...rounds)]
  return `${significant(median)} (${significant(least)} to ${significant(most)})`
}

function rowOf(one: Comparison): string {
  const cells = [
    nameOf(one),
    one.unit,
    spread(one.own, one.ours),
    spread(one.other, one.theirs),
    `**${one.ratio.toFixed(2)}x**, ${one.better} is better`,
  ]
  return `| ${cells.join(' | ')} |`
}

export function tableOf(measured: readonly Measured[]): string {
  const head = ['| | unit | flowledger | peer | ratio |', '|---|---|---|---|---|']
  return [...head, ...measured.flatMap(({ found }) => found.map(rowOf))].join('\n')
}

const [begin, end] = ['<!-- npm run bench writes from here -->', '<!-- to here -->']

/** RESULTS.md with its table made anew; what is written by hand stays. */
export function resultsPage(
  before: string,
  measured: readonly Measured[],
  absent: readonly string[]
): string {
  const [from, to] = [before.indexOf(begin), before.indexOf(end)]
  if (from < 0 || to < from) throw new Error('RESULTS.md has no place for the table.')
  const commands = measured.map(({ command }) => `- \`${command}\``)
  const left = absent.map((line) => `- not measured: ${line}`)
  const machine = `${describeMachine()} ${describePeers()}`
  const parts = [begin, machine, tableOf(measured), [...commands, ...left].join('\n'), end]
  return `${before.slice(0, from)}${parts.join('\n\n')}${before.slice(to + end.length)}`
}
