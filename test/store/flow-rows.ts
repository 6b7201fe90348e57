import { requireAddress } from '../../model/address.ts'
import { makeVerdictBatch, writeVerdict } from '../../collector/conntrack/row-verdicts.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'

/** A flow as a test writes it down; endpoints are `address port`, times microseconds since 1970. */
export interface TestFlow {
  readonly source: string
  readonly destination: string
  /** Left out: as `source`. */
  readonly postNatSource?: string
  /** Left out: as `destination`. */
  readonly postNatDestination?: string
  readonly startUs: number
  readonly endUs: number
  readonly connectionStartUs?: number
  readonly lastPacketUs?: number
  readonly id?: bigint
  readonly protocol?: number
  readonly octets?: bigint
  readonly packets?: bigint
  readonly reverseOctets?: bigint
  readonly reversePackets?: bigint
  readonly conntrackId?: number
  readonly mark?: number
  readonly zone?: number
  readonly flags?: number
  readonly endReason?: number
  readonly application?: string
  readonly protocolName?: string
  readonly hostName?: string
}

function setEndpoint(addresses: Uint32Array, ports: Uint16Array, row: number, text: string): void {
  const [address = '', port = '0'] = text.split(' ')
  addresses.set(requireAddress(address), 4 * row)
  ports[row] = Number(port)
}

function setU64(words: Uint32Array, row: number, value: bigint): void {
  words[2 * row] = Number(value & 0xffffffffn)
  words[2 * row + 1] = Number(value >> 32n)
}

function setFlow(batch: FlowBatch, row: number, flow: TestFlow): void {
  const { columns: c } = batch
  const { application = '', protocolName = '', hostName = '' } = flow
  const verdict = { applicationId: 0, application, category: '', protocol: protocolName, hostName }
  writeVerdict(batch, row, verdict)
  const { source, destination } = flow
  setEndpoint(c.sourceAddress, c.sourceTransportPort, row, source)
  setEndpoint(c.destinationAddress, c.destinationTransportPort, row, destination)
  const after = flow.postNatSource ?? source
  setEndpoint(c.postNatSourceAddress, c.postNaptSourceTransportPort, row, after)
  const remote = flow.postNatDestination ?? destination
  setEndpoint(c.postNatDestinationAddress, c.postNaptDestinationTransportPort, row, remote)
  c.flowStartMicroseconds[row] = flow.startUs
  c.flowEndMicroseconds[row] = flow.endUs
  c.connectionStart[row] = flow.connectionStartUs ?? flow.startUs
  c.lastPacket[row] = flow.lastPacketUs ?? flow.endUs
  c.protocolIdentifier[row] = flow.protocol ?? 6
  setU64(c.flowId, row, flow.id ?? BigInt(row + 1))
  setU64(c.octetDeltaCount, row, flow.octets ?? 0n)
  setU64(c.packetDeltaCount, row, flow.packets ?? 0n)
  setU64(c.reverseOctetDeltaCount, row, flow.reverseOctets ?? 0n)
  setU64(c.reversePacketDeltaCount, row, flow.reversePackets ?? 0n)
  c.conntrackId[row] = flow.conntrackId ?? 0
  c.conntrackMark[row] = flow.mark ?? 0
  c.ingressVrfId[row] = flow.zone ?? 0
  c.sliceFlags[row] = flow.flags ?? 0
  c.flowEndReason[row] = flow.endReason ?? 0
}

/** A batch that holds these flows. */
export function batchOf(flows: readonly TestFlow[]): FlowBatch {
  const batch = makeVerdictBatch(Math.max(1, flows.length))
  for (const [row, flow] of flows.entries()) setFlow(batch, row, flow)
  batch.length = flows.length
  return batch
}
