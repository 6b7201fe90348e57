import { textFields, textValue } from '../../exporter/text-fields.ts'
import type { ExtraName, FieldName } from '../../model/fields.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { Run } from '../collector/netflow/run.ts'
import { batchWith } from '../exporter/flows.ts'
import { flows, sorted } from './rows.ts'

/**
 * Rows with something in every field, what each protocol makes of them, and flowledger's own
 * collector as who reads that.
 */

export type Name = FieldName | ExtraName
export type Told = Readonly<Partial<Record<Name, string | number | bigint>>>

export const extras = [
  'tcpControlBits',
  'ipClassOfService',
  'ingressInterface',
  'egressInterface',
  'applicationId',
  'applicationName',
  'userName',
  'natPoolName',
] as const satisfies readonly ExtraName[]

/** Fields that a record of a flow carries to who reads it; serial numbers are the reader's own. */
const carried = [
  'sourceAddress',
  'destinationAddress',
  'postNatSourceAddress',
  'postNatDestinationAddress',
  'sourceTransportPort',
  'destinationTransportPort',
  'postNaptSourceTransportPort',
  'postNaptDestinationTransportPort',
  'protocolIdentifier',
  'icmpTypeCode',
  'ingressVrfId',
  'flowStartMicroseconds',
  'flowEndMicroseconds',
  'octetDeltaCount',
  'packetDeltaCount',
  'reverseOctetDeltaCount',
  'reversePacketDeltaCount',
  'flowEndReason',
  ...extras,
] as const satisfies readonly Name[]

export function toldOf(batch: FlowBatch, row: number, names: readonly Name[]): Told {
  const wanted = textFields.filter(({ name }) => names.includes(name as Name))
  return Object.fromEntries(
    wanted.map((field) => {
      const time = field.kind === 'time' && batch.columns[field.name as 'lastPacket'][row]
      return [field.name, time || textValue(batch, row, field, { unknown: [] })]
    })
  )
}

/** A collector that keeps the fields of what it read. */
export class Kept extends Run {
  readonly flowsTold: Told[] = []
  readonly eventsTold: Told[] = []
  private wanted: readonly Name[] = carried

  /** Keeps these fields instead of those of flows. */
  keeping(names: readonly Name[]): this {
    this.wanted = names
    return this
  }

  override flows(batch: FlowBatch): void {
    for (let row = 0; row < batch.length; row++)
      this.flowsTold.push(toldOf(batch, row, this.wanted))
  }

  override events(batch: FlowBatch): void {
    for (let row = 0; row < batch.length; row++)
      this.eventsTold.push(toldOf(batch, row, this.wanted))
  }
}

export const batch = batchWith(
  flows.map((flow, i) =>
    Object.assign({}, flow, {
      octets: 2n ** 53n + BigInt(i),
      reverseOctets: i % 2 === 0 ? 2n ** 64n - 1n : 7n,
    })
  ),
  extras,
  ({ extras: e, texts }, row) => {
    e.tcpControlBits?.fill(0x1b, row, row + 1)
    e.ipClassOfService?.fill(row & 0xff, row, row + 1)
    e.ingressInterface?.fill(2, row, row + 1)
    e.egressInterface?.fill(3, row, row + 1)
    e.applicationId?.fill(0x0d000101 + (row % 5), row, row + 1)
    e.applicationName?.fill(texts.numberOf(`app-${row % 5}`), row, row + 1)
    e.userName?.fill(texts.numberOf(`user ${row} ü`), row, row + 1)
    e.natPoolName?.fill(texts.numberOf('pool'), row, row + 1)
  }
)
export const expected = Array.from({ length: batch.length }, (_, row) =>
  toldOf(batch, row, carried)
)

export const floorMs = (value: Told[Name]): number => Math.floor(Number(value) / 1000) * 1000

/** Times as milliseconds keep them. */
export const inMilliseconds = (one: Told): Told => ({
  ...one,
  flowStartMicroseconds: floorMs(one.flowStartMicroseconds),
  flowEndMicroseconds: floorMs(one.flowEndMicroseconds),
})

export const oneWay = (one: Told): Told => ({
  ...one,
  reverseOctetDeltaCount: 0n,
  reversePacketDeltaCount: 0n,
})

/** The answer as the wire had it. */
export const answer = (one: Told): Told => ({
  ...oneWay(one),
  sourceAddress: one.postNatDestinationAddress ?? '',
  destinationAddress: one.postNatSourceAddress ?? '',
  postNatSourceAddress: one.destinationAddress ?? '',
  postNatDestinationAddress: one.sourceAddress ?? '',
  sourceTransportPort: one.postNaptDestinationTransportPort ?? 0,
  destinationTransportPort: one.postNaptSourceTransportPort ?? 0,
  postNaptSourceTransportPort: one.destinationTransportPort ?? 0,
  postNaptDestinationTransportPort: one.sourceTransportPort ?? 0,
  ingressInterface: one.egressInterface ?? 0,
  egressInterface: one.ingressInterface ?? 0,
  octetDeltaCount: one.reverseOctetDeltaCount ?? 0n,
  packetDeltaCount: one.reversePacketDeltaCount ?? 0n,
})

const withoutTranslation = (one: Told): Told => ({
  ...one,
  postNatSourceAddress: one.sourceAddress ?? '',
  postNatDestinationAddress: one.destinationAddress ?? '',
  postNaptSourceTransportPort: one.sourceTransportPort ?? 0,
  postNaptDestinationTransportPort: one.destinationTransportPort ?? 0,
})

/** A connection as NetFlow 5 tells it: a record from inside, and one from outside where it differs. */
export function views(one: Told): Told[] {
  const outside: Told = {
    ...one,
    sourceAddress: one.postNatSourceAddress ?? '',
    destinationAddress: one.postNatDestinationAddress ?? '',
    sourceTransportPort: one.postNaptSourceTransportPort ?? 0,
    destinationTransportPort: one.postNaptDestinationTransportPort ?? 0,
  }
  const both = [one, outside].map(withoutTranslation)
  const isSame = sorted(both.slice(0, 1))[0] === sorted(both.slice(1))[0]
  return both.slice(0, isSame ? 1 : 2).filter((view) => !`${view.sourceAddress}`.includes(':'))
}

/** What NetFlow 5 has no room for is not there; counters stand at their highest. */
export const asNetflow5 = (one: Told): Told => {
  const isIcmp = one.protocolIdentifier === 1
  const ports = isIcmp ? { sourceTransportPort: 0, postNaptSourceTransportPort: 0 } : {}
  const { octetDeltaCount } = one
  const {
    applicationName: _,
    userName: __,
    natPoolName: ___,
    ...kept
  } = inMilliseconds(oneWay(one))
  return {
    ...kept,
    ...ports,
    octetDeltaCount:
      BigInt(octetDeltaCount ?? 0) > 0xffffffffn ? 0xffffffffn : (octetDeltaCount ?? 0n),
    ingressVrfId: 0,
    flowEndReason: 0,
    applicationId: 0,
  }
}
