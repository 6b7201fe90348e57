import { median } from '../process.ts'
import type { Figure } from './figure.ts'

/** A figure as it is told: medians and their ratio. */
export interface Comparison extends Figure {
  readonly own: number
  readonly other: number
  /** Ours through theirs. */
  readonly ratio: number
  /** How many times we are better; 1 is a draw; NaN where a side could not be measured. */
  readonly advantage: number
}

export function compare(figure: Figure): Comparison {
  const [own, other] = [median(figure.ours), median(figure.theirs)]
  const advantage = figure.better === 'less' ? other / own : own / other
  return { ...figure, own, other, ratio: own / other, advantage }
}

/** What a figure is known by between runs. */
export const nameOf = ({ what, peer }: Figure): string => `${what}, beside ${peer}`

/** Advantages by figure, by measurement: what a run is held against. */
export type Recorded = Readonly<Record<string, Readonly<Record<string, number>>>>

/**
 * True for figures that neighbours on the machine hardly change: processor time and octets. How
 * much there is of something in a second is told too, but nothing is held against it.
 */
const isSteady = ({ unit }: Figure): boolean => /\bCPU\b|\boctets\b/.test(unit)

/**
 * Each figure of a measurement that later runs are held against, by name: the least advantage of
 * those that were recorded.
 */
export function toRecord(
  found: readonly Comparison[],
  before: Recorded[string] = {}
): Record<string, number> {
  const steady = found.filter((one) => isSteady(one) && Number.isFinite(one.advantage))
  const least = (one: Comparison): number =>
    Math.min(one.advantage, before[nameOf(one)] ?? Infinity)
  const now = steady.map((one) => [nameOf(one), Number(least(one).toFixed(2))] as const)
  return { ...before, ...Object.fromEntries(now) }
}

export interface Judged {
  /** Where a run fell below half of a recorded advantage. */
  readonly behind: readonly string[]
  /** Recorded ones that this run gave no figure for, as on a machine that lacks a peer. */
  readonly missing: readonly string[]
}

/** Holds a run of a measurement against what was recorded of it. */
export function judge(found: readonly Comparison[], recorded: Recorded[string] = {}): Judged {
  const now = new Map(found.map((one) => [nameOf(one), one.advantage]))
  const [behind, missing]: [string[], string[]] = [[], []]
  for (const [name, before] of Object.entries(recorded)) {
    const advantage = now.get(name) ?? NaN
    if (!Number.isFinite(advantage)) missing.push(`${name}: no figure`)
    else if (advantage < before / 2) {
      behind.push(`${name}: ${advantage.toFixed(2)} times better, recorded ${before.toFixed(2)}`)
    }
  }
  return { behind, missing }
}
