/** Blocks [from, to) of a partition's heap. */
export interface Window {
  readonly from: number
  readonly to: number
}

export type FlowOrder = 'oldest' | 'newest'

/** Blocks of the first window: what a gateway of 1000 flows a second writes in 15 seconds. */
const firstBlocks = 256
/** Where little is found, windows grow: this many times, up to {@link mostBlocks}. */
const growth = 4
const mostBlocks = 4096

/**
 * The parts of a partition's heap in the order in which they are read. Rows stand in the heap as
 * they were written, so that the block where the asked time begins or ends (`pivot`) parts those
 * that matter first from the rest; the rest is read as well, since a late row may stand anywhere.
 */
function partsOf(order: FlowOrder, pivot: number, blocks: number): readonly Window[] {
  const before = { from: 0, to: pivot }
  const behind = { from: pivot, to: blocks }
  const parts = order === 'oldest' ? [behind, before] : [before, behind]
  return parts.filter(({ from, to }) => to > from)
}

/**
 * The window that is read after another one; undefined where it was the last. Every block is in
 * one window.
 *
 * @param done left out: the first window of the partition
 * @param size blocks that it has at most
 */
export function nextWindow(
  order: FlowOrder,
  { pivot, blocks }: { readonly pivot: number; readonly blocks: number },
  done: Window | undefined,
  size: number
): Window | undefined {
  const parts = partsOf(order, pivot, blocks)
  const cut = (part: Window | undefined): Window | undefined => {
    if (part === undefined) return undefined
    const { from, to } = part
    if (order === 'oldest') return { from, to: Math.min(to, from + size) }
    return { from: Math.max(from, to - size), to }
  }
  if (done === undefined) return cut(parts[0])
  const index = parts.findIndex(({ from, to }) => done.from >= from && done.from < to)
  const part = parts[index]
  if (part === undefined) return undefined
  const left =
    order === 'oldest' ? { from: done.to, to: part.to } : { from: part.from, to: done.from }
  return left.to > left.from ? cut(left) : cut(parts[index + 1])
}

/** How many blocks the window after so many has. */
export function grow(size: number | undefined): number {
  return size === undefined ? firstBlocks : Math.min(mostBlocks, size * growth)
}
