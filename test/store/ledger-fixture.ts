import { formatWords } from '../../model/address.ts'
import { noNetworks } from '../../model/nat-view.ts'
import type { Endpoint, Slice } from '../../model/slice.ts'
import { LedgerWriter } from '../../store/ledger-writer.ts'
import { batchOf } from './flow-rows.ts'
import type { TestFlow } from './flow-rows.ts'

export const hourUs = 3_600e6
export const nowUs = Date.now() * 1000
/** Ten minutes before a full hour, so that slices cross it. */
export const baseUs = Math.floor(nowUs / hourUs) * hourUs - 10 * hourUs - 600e6

export const flows: readonly TestFlow[] = [
  {
    source: '10.0.0.7 40000',
    destination: '198.51.100.9 443',
    postNatSource: '192.0.2.1 61284',
    startUs: baseUs,
    endUs: baseUs + 1800e6,
    connectionStartUs: baseUs - 86_400_000_001,
    lastPacketUs: baseUs + 1790e6,
    id: 2n ** 60n + 1n,
    octets: 2n ** 53n + 1n,
    packets: 4n,
    reverseOctets: 5n,
    reversePackets: 6n,
    conntrackId: 0xfedcba98,
    mark: 0x80000001,
    zone: 7,
    flags: 9,
    endReason: 2,
  },
  // A port forward: asked for by the address that was addressed.
  {
    source: '203.0.113.5 5555',
    destination: '192.0.2.1 80',
    postNatDestination: '10.0.0.8 8080',
    startUs: baseUs + 10e6,
    endUs: baseUs + 20e6,
    id: 2n,
  },
  // The same public port towards another destination, by another protocol.
  {
    source: '10.0.0.9 40001',
    destination: '203.0.113.77 53',
    postNatSource: '192.0.2.1 61284',
    protocol: 17,
    startUs: baseUs + 300e6,
    endUs: baseUs + 301e6,
    id: 3n,
  },
  // IPv6, not translated; inside by its prefix (RFC 4193), then both ends unknown: two views.
  {
    source: 'fd00::7 1024',
    destination: '2001:db8::9 443',
    startUs: baseUs,
    endUs: baseUs + 5e6,
    id: 4n,
    zone: 1,
  },
  {
    source: '2001:db8:1::7 1024',
    destination: '2001:db8:2::9 443',
    startUs: baseUs,
    endUs: baseUs + 5e6,
    id: 5n,
  },
]

function text({ ip, port }: Endpoint): string {
  return `${formatWords(ip)} ${port}`
}

/** A slice in one line, for comparison. */
export function short(slice: Slice): string {
  return `${slice.flowId}: ${text(slice.inside)} > ${text(slice.public)} > ${text(slice.remote)}`
}

/** Writes {@link flows} as the source `gw1`, beside a source `file` that has written nothing. */
export async function fillLedger(collectorUrl: string): Promise<void> {
  const writer = new LedgerWriter(collectorUrl, noNetworks)
  await writer.ensureAhead(nowUs, 3)
  const source = await writer.registerSource('gw1', 'conntrack')
  await writer.registerSource('file', 'import')
  await writer.readCursor(source, 's')
  await writer.commit({
    source,
    spool: 's',
    batches: [batchOf(flows)],
    gaps: [
      { fromUs: baseUs, toUs: baseUs + 10, reason: 'overrun', lost: 3 },
      { fromUs: baseUs + 100, toUs: baseUs + 200, reason: 'down' },
    ],
    progress: { watermarkUs: baseUs + 2, closedThroughUs: baseUs + 1 },
    watchedFromUs: baseUs - 7,
    cursor: { segment: 0, offset: 1 },
  })
  await writer.close()
}
