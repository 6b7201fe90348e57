/** What has been done since the start, by name; those that decide are always there. */
export type Counts = Readonly<Record<string, number>> & {
  readonly rows: number
  /** First packets, or all, that were looked at, and that were lost on the way. */
  readonly packets: number
  readonly packetsLost: number
  /** Events of the kernel that were lost. */
  readonly overruns: number
}

/** What does the whole work of a gateway: flowledger, or programs that are put together. */
export interface Contender {
  readonly name: string
  readonly pid: number
  /** Last arguments of the prober. */
  readonly prober: readonly string[]
  counts(): Counts | Promise<Counts>
  /** Around each load. */
  begin(): Promise<void>
  end(): Promise<void>
  /** Seconds of processor time of the programs, and of their PostgreSQL. */
  cpu(): readonly [program: number, database: number]
  /** The same of each thread or program. */
  threads(): number[]
  /** Without PostgreSQL. */
  residentBytes(): number
  stop(): Promise<void>
}
