import type { ClassifiedFlow } from '../model/classified-flow.ts'
import type { CriteriaNames } from './names.ts'
import type { Warning } from './syntax.ts'
import type { WallMinute } from './wall-clock.ts'

/** True where a flow is one that the expression means. */
export type Predicate = (flow: ClassifiedFlow) => boolean

/** An expression that can be asked. */
export interface Criteria {
  readonly matches: Predicate
  /** What in it may surprise: it can be used all the same. */
  readonly warnings: readonly Warning[]
  /** Fields that it asks for, each by the first of its names. */
  readonly fields: ReadonlySet<string>
}

/** What compiling needs beside the text. */
export interface CriteriaContext {
  readonly names: CriteriaNames
  /** Zone of the times of day; left out: that of the system. */
  readonly timeZone?: string | undefined
  /** True where a name that is not known shall be a warning, and match nothing. */
  readonly forgivesNames?: boolean
}

/** What the compilation of one expression carries along. */
export interface Compilation {
  readonly context: CriteriaContext
  readonly clock: (atUs: number) => WallMinute
  readonly fields: Set<string>
  warn(warning: Warning): void
}
