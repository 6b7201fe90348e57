import { layoutOf } from './layout.ts'
import type { Layout, TemplateField } from './layout.ts'

/*
 * A record of v5 is one of a template that never changes, 48 octets:
 *
 *   0 u32 source         16 u32 packets    32 u16 source port        40 u16 source AS
 *   4 u32 destination    20 u32 octets     34 u16 destination port   42 u16 destination AS
 *   8 u32 next hop       24 u32 first (ms) 36 u8 pad                 44 u8 source mask
 *  12 u16 input          28 u32 last (ms)  37 u8 TCP flags           45 u8 destination mask
 *  14 u16 output                           38 u8 protocol            46 u16 pad
 *                                          39 u8 type of service
 */
const table: readonly (readonly [id: number, length: number])[] = [
  [8, 4],
  [12, 4],
  [15, 4],
  [10, 2],
  [14, 2],
  [2, 4],
  [1, 4],
  [22, 4],
  [21, 4],
  [7, 2],
  [11, 2],
  [210, 1],
  [6, 1],
  [4, 1],
  [5, 1],
  [16, 2],
  [17, 2],
  [9, 1],
  [13, 1],
  [210, 2],
]

function requireLayout(): Layout {
  const fields: TemplateField[] = table.map(([id, length]) => ({ pen: 0, id, length }))
  const layout = layoutOf(fields, -1)
  if (layout === undefined) throw new Error('the layout of NetFlow v5 is empty')
  return layout
}

/** How v5's records lie, as a template. */
export const v5Layout = requireLayout()

/** Records that a v5 datagram can hold; one that tells of more is not what it seems. */
export const v5MaxRecords = 30
