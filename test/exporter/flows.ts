import { makeFlowBatch } from '../../model/flow-batch.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import type { ExtraName } from '../../model/fields.ts'
import { exportTargetOf, exporterSchema } from '../../model/export-targets.ts'
import type { ExportTarget } from '../../model/export-targets.ts'
import { batchOf } from '../store/flow-rows.ts'
import type { TestFlow } from '../store/flow-rows.ts'

/** A whole second, a while ago. */
export const baseUs = Math.floor(Date.now() / 1000) * 1e6 - 600e6

/** One connection of each shape: translated, forwarded, untranslated, IPv6, NAT64, ICMP. */
export const shapes: readonly TestFlow[] = [
  {
    source: '10.0.0.7 40000',
    destination: '198.51.100.9 443',
    postNatSource: '192.0.2.1 61284',
    startUs: baseUs + 123_456,
    endUs: baseUs + 59_765_432,
    octets: 2n ** 53n + 1n,
    packets: 4n,
    reverseOctets: 2n ** 64n - 1n,
    reversePackets: 6n,
    conntrackId: 0xfedcba98,
    mark: 0x80000001,
    zone: 7,
    endReason: 3,
    id: 2n ** 63n + 5n,
  },
  {
    source: '203.0.113.5 5555',
    destination: '192.0.2.1 80',
    postNatDestination: '10.0.0.8 8080',
    startUs: baseUs + 1_000_001,
    endUs: baseUs + 1_999_999,
    octets: 100n,
    packets: 1n,
    endReason: 1,
  },
  {
    source: '10.0.0.1 1',
    destination: '10.0.0.2 2',
    startUs: baseUs,
    endUs: baseUs + 999_999,
    octets: 5n,
    packets: 1n,
    reverseOctets: 6n,
    reversePackets: 1n,
    endReason: 2,
    flags: 1,
    protocol: 17,
  },
  {
    source: '2001:db8::5 5555',
    destination: '2001:db8:1::1 80',
    startUs: baseUs + 5e6,
    endUs: baseUs + 6e6,
    octets: 1n,
    packets: 1n,
    reverseOctets: 2n,
    reversePackets: 2n,
    endReason: 4,
  },
  {
    source: '2001:db8::64 1024',
    destination: '64:ff9b::c633:6409 443',
    postNatSource: '192.0.2.1 2048',
    postNatDestination: '198.51.100.9 443',
    startUs: baseUs + 7e6,
    endUs: baseUs + 8e6,
    octets: 10n,
    packets: 2n,
    reverseOctets: 20n,
    reversePackets: 3n,
    endReason: 3,
  },
  {
    source: '10.0.0.9 4321',
    destination: '198.51.100.9 0',
    postNatSource: '192.0.2.1 7',
    protocol: 1,
    startUs: baseUs + 9e6,
    endUs: baseUs + 10e6,
    octets: 84n,
    packets: 1n,
    reverseOctets: 84n,
    reversePackets: 1n,
    endReason: 1,
  },
]

/** The flows with columns beside the usual ones; `fill` sets those of a row. */
export function batchWith(
  flows: readonly TestFlow[],
  extras: readonly ExtraName[],
  fill: (batch: FlowBatch, row: number) => void = () => {}
): FlowBatch {
  const plain = batchOf(flows)
  const batch = makeFlowBatch(flows.length, extras)
  for (const name of Object.keys(plain.columns) as (keyof FlowBatch['columns'])[]) {
    batch.columns[name].set(plain.columns[name])
  }
  batch.length = flows.length
  for (let row = 0; row < batch.length; row++) {
    if (batch.columns.protocolIdentifier[row] === 1) batch.columns.icmpTypeCode[row] = 0x0800
    fill(batch, row)
  }
  return batch
}

/** A target as the configuration would have it. */
export function targetOf(given: Record<string, unknown>): ExportTarget {
  const whole = given['path'] === undefined ? { address: '127.0.0.1:9', ...given } : given
  const [file] = exporterSchema.parse({ targets: [whole] }).targets
  if (file === undefined) throw new Error('no target')
  return exportTargetOf(file)
}
