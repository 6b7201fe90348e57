import { formatAddress } from '../model/address.ts'
import type { Columns, FlowBatch } from '../model/flow-batch.ts'

/** What lines of text are made with. */
export interface TextContext {
  /** What SysUptime counts from (us since 1970). */
  readonly bootUs: number
  /** Address of who exports, as text. */
  readonly exporter: string
  /** Names of fields whose columns say nothing. */
  readonly unknown: readonly string[]
  /** Counts what a format cannot hold, by reason. */
  readonly leaveOut: (reason: string) => void
}

/** A form of text: a line or more for each row. */
export interface TextFormat {
  /** What stands above the first line, with its line end. */
  readonly head: string
  /** The lines of a row, each with its line end; empty where the form cannot hold it. */
  lines(batch: FlowBatch, row: number, context: TextContext): string
}

/** The address of a row as text. */
export function addressText(words: Uint32Array, row: number): string {
  const at = 4 * row
  return formatAddress(words[at] ?? 0, words[at + 1] ?? 0, words[at + 2] ?? 0, words[at + 3] ?? 0)
}

/** A counter of a row, exact. */
export function counterOf(words: Uint32Array, row: number): bigint {
  return (BigInt(words[2 * row + 1] ?? 0) << 32n) | BigInt(words[2 * row] ?? 0)
}

/** Whether the source of a row is IPv6. */
export function isV6Row(columns: Columns, row: number): boolean {
  return addressText(columns.sourceAddress, row).includes(':')
}
