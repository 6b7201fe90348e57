import type { Arrival, Message } from './arrival.ts'
import type { Exporter, TemplateEntry } from './exporter.ts'
import type { Layout } from './layout.ts'
import type { MessageHead } from './message.ts'

/** What is done with data records. */
export interface RecordTarget {
  /**
   * Data records in [from, to), padding behind them.
   *
   * @returns how many records there were
   */
  records(
    exporter: Exporter,
    entry: TemplateEntry,
    message: Message,
    view: DataView,
    from: number,
    to: number
  ): number
  /** An option record, which the decoder has understood already. */
  option?(
    exporter: Exporter,
    layout: Layout,
    message: Message,
    view: DataView,
    bounds: Uint32Array
  ): void
  /** A message begins; its sets follow. */
  begin?(exporter: Exporter, head: MessageHead, arrival: Arrival): void
  /** A message was read to its end; `records` is what it moves the sequence by, where sure. */
  message?(
    exporter: Exporter,
    head: MessageHead,
    arrival: Arrival,
    records: number | undefined
  ): void
}
