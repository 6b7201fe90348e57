import type { IdentitySink, SourceCount } from './sink.ts'
import type { IdentitySourceConfig } from '../../model/identity-sources.ts'

/** What a live source of identities did so far. */
export interface LiveStatus {
  /** Records or packets that were read. */
  readonly read: number
  readonly unknown: number
  /** What could not be believed or taken, by reason. */
  readonly refused: Readonly<Record<string, number>>
  /** Why it hears nothing; undefined where it does. */
  readonly trouble?: string | undefined
}

/** A source that is followed while the program runs. */
export interface LiveSource {
  readonly sink: IdentitySink
  /** What it does, in one sentence. */
  readonly sentence: string
  status(): LiveStatus
  /** Takes over what may change while it runs; nothing where it is of another kind. */
  reload(config: IdentitySourceConfig): void
  stop(): Promise<void>
}

/** A source that has nothing to say is still heard of this often. */
export const heardEveryMs = 5000

/** The counts of a status in the form that the store keeps. */
export function countOf({ read, unknown, refused }: LiveStatus): SourceCount {
  const total = Object.values(refused).reduce((sum, count) => sum + count, 0)
  return { read, unknown, refused: total }
}
