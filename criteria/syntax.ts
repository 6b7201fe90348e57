import type { Place } from './problem.ts'

export const comparisons = ['==', '!=', '>', '>=', '<', '<='] as const

export type Comparison = (typeof comparisons)[number]

/** A value as it was written: quoted, or a bare word. */
export interface Value extends Place {
  readonly text: string
  readonly isQuoted: boolean
}

/** An expression as it was written. */
export type Node =
  | (Place & { readonly kind: 'and' | 'or'; readonly parts: readonly Node[] })
  | (Place & { readonly kind: 'not'; readonly part: Node })
  | (Place & { readonly kind: 'all' })
  | (Place & { readonly kind: 'is'; readonly field: string })
  | (Place & {
      readonly kind: 'compare'
      readonly field: string
      readonly operator: Comparison
      readonly value: Value
    })
  | (Place & {
      readonly kind: 'in'
      readonly field: string
      readonly isNegated: boolean
      readonly values: readonly Value[]
    })

/** What may be unwanted about an expression that can be used. */
export interface Warning extends Place {
  readonly text: string
}
