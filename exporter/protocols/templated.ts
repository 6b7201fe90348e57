import { eventItems } from '../event-items.ts'
import type { Item, LayoutWish } from '../protocol.ts'
import { flowItems } from '../record-items.ts'

/** What NetFlow 9 and IPFIX have in common: a record is what its template says. */
export function templatedLayout(wish: LayoutWish): readonly Item[] {
  const { flavour } = wish
  return flavour === 'forward' || flavour === 'reverse' ? flowItems(wish) : eventItems(wish)
}
