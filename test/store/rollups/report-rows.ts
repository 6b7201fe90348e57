import { natEvents } from '../../../model/nat-events.ts'
import { noNetworks } from '../../../model/nat-view.ts'
import { reportsConfigOf, reportsSchema } from '../../../model/reports-settings.ts'
import { rollupGauges } from '../../../model/rollup.ts'
import { LedgerWriter } from '../../../store/ledger-writer.ts'
import { writeNatRows } from '../../../store/nat-rows.ts'
import { Rollups } from '../../../store/rollups/rollups.ts'
import { blockBatch, dayBatch } from './random-day.ts'

/** Something for every report: flows of gateway `gw1` of the last hours, a notice, measurements. */
export async function makeLedgerRows(collectorUrl: string): Promise<void> {
  const { keep } = reportsConfigOf(reportsSchema.parse({}))
  const measure = async () =>
    Object.values(rollupGauges).map((gauge) => ({ gauge, value: 1000, ceiling: 4000 }))
  const rollups = new Rollups({ writeEveryMs: 0, keep, measure })
  const writer = new LedgerWriter(collectorUrl, noNetworks, writeNatRows, rollups)
  const source = await writer.registerSource('gw1', 'netflow')
  const sourceIds = new Map([[1, source]])
  await writer.readCursor(source, 's')
  const startUs = Date.now() * 1000 - 5 * 3_600e6
  const flow = {
    source: '10.0.0.7 40000',
    destination: '198.51.100.9 443',
    postNatSource: '192.0.2.1 61284',
    octets: 3_000_000n,
    reverseOctets: 1_000_000n,
    sourceIndex: 1,
    application: 'zoom',
    category: 'voice',
    spoken: 'tls',
    ingress: 1,
    egress: 2,
  }
  const flows = [0, 1, 2].map((hour) => ({
    ...flow,
    startUs: startUs + hour * 3_600e6,
    endUs: startUs + hour * 3_600e6 + 600e6,
  }))
  const event = { sourceIndex: 1, event: natEvents.portsExhausted, address: '192.0.2.1' }
  const notice = { ...event, first: 0, last: 0, step: 1, startUs, endUs: startUs }
  await writer.commit({
    source,
    spool: 's',
    batches: [dayBatch(flows)],
    natBatches: [blockBatch([notice])],
    sourceIds,
    gaps: [],
    cursor: { segment: 0, offset: 1 },
  })
  await writer.close()
}
