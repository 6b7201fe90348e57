import { cutSet, exactFields } from './kernel/cut-rules.ts'
import type { ElementField } from './kernel/needs.ts'
import { LabelTarget } from './targets/label.ts'
import { NftSetTarget } from './targets/nft-set.ts'
import type { Verdict } from './outcome.ts'
import type { Report, Target, TargetKit } from './target.ts'

/** Seconds that a connection stays cut by the set: longer than any end goes on trying. */
export const exactTtl = 3600

/**
 * Ends connections by a label that a rule of ours looks for. Entries without room for labels, made
 * before any rule used labels, are named to that rule by a set instead.
 */
export class LabelCut implements Target {
  private readonly label: LabelTarget
  private readonly exact: NftSetTarget

  constructor(name: string, bit: number, kit: TargetKit) {
    this.label = new LabelTarget([bit], kit, false)
    this.exact = setCut(name, exactFields, exactTtl, kit)
  }

  add(verdict: Verdict): void {
    this.label.add(verdict)
  }

  retract(verdict: Verdict): void {
    this.label.retract(verdict)
    this.exact.retract(verdict)
  }

  flush(nowUs: number, report: Report): void {
    this.label.flush(nowUs, (verdict, outcome, detail) => {
      if (outcome === 'no-labels') this.exact.add(verdict)
      else report(verdict, outcome, detail)
    })
    this.exact.flush(nowUs, (verdict, outcome, detail) => {
      report(verdict, outcome, detail ?? 'by set, since the entry has no room for labels')
    })
  }
}

/** Ends connections by sets of our own table. */
export function setCut(
  name: string,
  fields: readonly ElementField[],
  ttl: number,
  kit: TargetKit
): NftSetTarget {
  const sets = ([4, 6] as const).map((version) => cutSet(name, fields, version, ttl))
  return new NftSetTarget(sets, kit)
}
