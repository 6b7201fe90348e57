import { FlowledgerError } from '../model/errors.ts'
import type { FlowOrder, Window } from './flow-windows.ts'

/** The row that a page ends with. A connection has one row for each of its views. */
export interface FlowPosition {
  readonly startUs: number
  readonly source: number
  readonly flowId: string
  readonly view: number
  /**
   * Where it is stored: rows may be alike in all else. In PostgreSQL block * 2^16 + line, in a
   * sealed file the number of the row.
   */
  readonly place: number
}

/** Where a list of flows goes on: in a window of a partition, behind a row of it. */
export interface FlowCursor {
  readonly order: FlowOrder
  /** The partition: its start (microseconds), its file, and where its heap was parted. */
  readonly hourUs: number
  readonly node: number
  readonly pivot: number
  readonly blocks: number
  readonly window: Window
  /** Left out: the window was not begun. */
  readonly after?: FlowPosition
}

/**
 * ```
 * order.hour.file.pivot.blocks.from.to[.start.source.flow.view.place]
 * n    .1764…  (seconds)         |  window  |  (microseconds)
 * ```
 */
const block = String.raw`\.(\d{1,10})`
/** A {@link FlowPosition} in a cursor. */
export const positionPattern = String.raw`\.(\d{1,16})\.(\d{1,5})\.(-?\d{1,19})\.([01])\.(\d{1,15})`
const pattern = new RegExp(
  String.raw`^([no])\.(\d{1,12})${block.repeat(5)}(?:${positionPattern})?$`
)

/** Blocks that a file of PostgreSQL has at most. */
const maxBlocks = 2 ** 32 - 1
/** A line of a block has a number of 16 bits. */
const lines = 2 ** 16

/** @throws FlowledgerError `usage` where it is no cursor of this order */
export function parseCursor(text: string, order: FlowOrder): FlowCursor {
  const match = pattern.exec(text)
  if (match === null || match[1] !== order[0]) throw notOurs()
  const [hour = 0, node = 0, pivot = 0, blocks = 0, from = 0, to = 0] = match
    .slice(2, 8)
    .map(Number)
  const isInside = from < to && to <= blocks && pivot <= blocks && blocks < maxBlocks
  if (!isInside) throw notOurs()
  const heap = { order, hourUs: hour * 1e6, node, pivot, blocks, window: { from, to } }
  const after = positionFrom(match.slice(8))
  if (after === undefined) return heap
  if (after.place >= maxBlocks * lines) throw notOurs()
  return { ...heap, after }
}

/** What {@link positionPattern} matched. */
export function positionFrom(parts: readonly (string | undefined)[]): FlowPosition | undefined {
  const [start, source, flowId, view, place] = parts
  if (start === undefined || flowId === undefined) return undefined
  const numbers = { startUs: Number(start), source: Number(source), view: Number(view) }
  return { ...numbers, flowId, place: Number(place) }
}

/** A position as parts of a cursor. */
export function partsOfPosition(at: FlowPosition | undefined): (string | number)[] {
  return at === undefined ? [] : [at.startUs, at.source, at.flowId, at.view, at.place]
}

/** `(block,line)` as PostgreSQL has it. */
export const tidOf = ({ place }: FlowPosition): string =>
  `(${Math.floor(place / lines)},${place % lines})`

/** The place of a row of PostgreSQL, see {@link tidOf}. */
export function placeOf(tid: string): number {
  const [at = 0, line = 0] = tid.slice(1, -1).split(',').map(Number)
  return at * lines + line
}

export function formatCursor(cursor: FlowCursor): string {
  const { order, hourUs, node, pivot, blocks, window, after } = cursor
  const numbers = [hourUs / 1e6, node, pivot, blocks, window.from, window.to]
  return [order[0], ...numbers, ...partsOfPosition(after)].join('.')
}

/** The error of a cursor that no page gave. */
export function notOurs(): FlowledgerError {
  return new FlowledgerError('usage', 'The cursor is not one that a page gave.', {
    fix: 'Take the cursor of the page before as it is, with the same order; else begin anew.',
  })
}
