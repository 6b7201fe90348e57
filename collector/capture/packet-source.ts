import type { FrameSink } from './frame.ts'
import type { Idle } from './turn.ts'

/** What is counted of a source of packets. */
export interface SourceCounters {
  readonly packets: number
  /** Packets that the kernel had and did not hand over. */
  readonly lost: number
  /** Datagrams of packets that found the receive buffer full. */
  readonly overruns: number
  readonly malformed: number
  /** Packets, or datagrams of them, that were longer than there was room. */
  readonly truncated: number
}

/** Packets that the kernel had and did not hand over: in all, and by interface where it tells. */
export interface SourceLosses {
  readonly lost: number
  readonly byInterface?: readonly number[] | undefined
}

/** Where packets of this host come from, as they pass. */
export interface PacketSource {
  readonly counters: SourceCounters
  /** Packets that the kernel dropped of each interface; left out where it does not tell. */
  drops?(): readonly number[]
  /** Hands over packets until {@link stop}; `idle` is called now and then between them. */
  run(sink: FrameSink, idle: Idle): Promise<void>
  /** Ends {@link run} after the batch at hand. */
  stop(): void
}
