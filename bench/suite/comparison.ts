import { median } from '../process.ts'
import type { Figure } from './figure.ts'

/** A figure as it is told: medians and their ratio. */
export interface Comparison extends Figure {
  readonly own: number
  readonly other: number
  /** Ours through theirs. */
  readonly ratio: number
  /** How many times we are better; 1 is a draw. */
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

/** Where a run fell below half of a recorded advantage, or gave no figure where there was one. */
export function fallenBehind(
  measurement: string,
  found: readonly Comparison[],
  recorded: Recorded
): string[] {
  const now = new Map(found.map((one) => [nameOf(one), one.advantage]))
  return Object.entries(recorded[measurement] ?? {}).flatMap(([name, before]) => {
    const advantage = now.get(name)
    if (advantage === undefined) return [`${name}: gave no figure`]
    if (advantage >= before / 2) return []
    return [`${name}: ${advantage.toFixed(2)} times better, recorded ${before.toFixed(2)}`]
  })
}
