import { noNetworks } from '../../../model/nat-view.ts'
import { LedgerWriter } from '../../../store/ledger-writer.ts'
import { batchOf } from '../flow-rows.ts'
import type { TestFlow } from '../flow-rows.ts'

/** Writes flows as one more commit of a source. */
export async function fill(
  collectorUrl: string,
  flows: readonly TestFlow[],
  name = 'gw1'
): Promise<void> {
  const writer = new LedgerWriter(collectorUrl, noNetworks)
  const source = await writer.registerSource(name, 'conntrack')
  const cursor = await writer.readCursor(source, 's')
  await writer.commit({
    source,
    spool: 's',
    batches: [batchOf(flows)],
    gaps: [],
    progress: { watermarkUs: Date.now() * 1000, closedThroughUs: Date.now() * 1000 },
    watchedFromUs: 1,
    cursor: { segment: (cursor?.segment ?? 0) + 1, offset: 0 },
  })
  await writer.close()
}
