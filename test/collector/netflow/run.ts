import { formatAddress, requireAddress } from '../../../model/address.ts'
import type { GapReason, Progress } from '../../../model/coverage.ts'
import type { FlowBatch } from '../../../model/flow-batch.ts'
import { NetflowCollector } from '../../../collector/netflow/collector.ts'
import type { CollectorJournal } from '../../../collector/netflow/collector-journal.ts'
import type { Transport } from '../../../collector/netflow/arrival.ts'
import type { Exporter } from '../../../collector/netflow/exporter.ts'
import type { ExporterSettingsList } from '../../../collector/netflow/settings.ts'
import { noon } from './messages.ts'

/** A row as a test looks at it. */
export interface Row {
  readonly source: string
  readonly destination: string
  readonly postSource: string
  readonly postDestination: string
  readonly protocol: number
  readonly icmp: number
  readonly octets: bigint
  readonly packets: bigint
  readonly reverseOctets: bigint
  readonly startUs: number
  readonly endUs: number
  readonly connectionStartUs: number
  readonly event: number
  readonly block: readonly [start: number, end: number, step: number]
  readonly user: string
  readonly pool: string
  readonly application: number
  readonly applicationName: string
  readonly sampling: number
  readonly vrfs: readonly [inside: number, outside: number]
  readonly detail: readonly [detail: number, limit: number]
  readonly flags: number
  readonly sourceIndex: number
}

function rowAt({ columns: c, extras: e, texts }: FlowBatch, row: number): Row {
  const end = (words: Uint32Array, ports: Uint16Array): string => {
    const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = words.subarray(4 * row, 4 * row + 4)
    return `${formatAddress(w0, w1, w2, w3)} ${ports[row]}`
  }
  const u64 = (words: Uint32Array): bigint =>
    (BigInt(words[2 * row + 1] ?? 0) << 32n) | BigInt(words[2 * row] ?? 0)
  return {
    source: end(c.sourceAddress, c.sourceTransportPort),
    destination: end(c.destinationAddress, c.destinationTransportPort),
    postSource: end(c.postNatSourceAddress, c.postNaptSourceTransportPort),
    postDestination: end(c.postNatDestinationAddress, c.postNaptDestinationTransportPort),
    protocol: c.protocolIdentifier[row] ?? -1,
    icmp: c.icmpTypeCode[row] ?? -1,
    octets: u64(c.octetDeltaCount),
    packets: u64(c.packetDeltaCount),
    reverseOctets: u64(c.reverseOctetDeltaCount),
    startUs: c.flowStartMicroseconds[row] ?? -1,
    endUs: c.flowEndMicroseconds[row] ?? -1,
    connectionStartUs: c.connectionStart[row] ?? -1,
    event: e.natEvent?.[row] ?? -1,
    block: [
      e.portRangeStart?.[row] ?? -1,
      e.portRangeEnd?.[row] ?? -1,
      e.portRangeStepSize?.[row] ?? -1,
    ],
    user: texts.textOf(e.userName?.[row] ?? 0),
    pool: texts.textOf(e.natPoolName?.[row] ?? 0),
    application: e.applicationId?.[row] ?? -1,
    applicationName: texts.textOf(e.applicationName?.[row] ?? 0),
    sampling: e.samplingInterval?.[row] ?? -1,
    vrfs: [c.ingressVrfId[row] ?? -1, e.egressVrfId?.[row] ?? -1],
    detail: [e.natEventDetail?.[row] ?? -1, e.natEventLimit?.[row] ?? -1],
    flags: c.sliceFlags[row] ?? -1,
    sourceIndex: e.sourceIndex?.[row] ?? -1,
  }
}

export interface Told {
  readonly source: number
  readonly fromUs: number
  readonly toUs: number
  readonly reason: GapReason
  readonly lost?: number
}

/** A collector whose journal is a list of what came. */
export class Run implements CollectorJournal {
  readonly rows: Row[] = []
  readonly eventRows: Row[] = []
  readonly gaps: Told[] = []
  readonly watched: (readonly [source: number, us: number])[] = []
  readonly told = new Map<number, Progress>()
  readonly restarts: number[] = []
  readonly doubts: number[] = []
  readonly names: string[] = []
  readonly collector: NetflowCollector

  constructor(settings: ExporterSettingsList = []) {
    this.collector = new NetflowCollector(settings, this)
  }

  /** Takes datagrams of one exporter, one after another. */
  send(
    datagrams: readonly Buffer[],
    from: { ip?: string; port?: number; transport?: Transport; atUs?: number } = {}
  ): this {
    const [w0, w1, w2, w3] = requireAddress(from.ip ?? '192.0.2.10')
    const { port = 4000, transport = 'udp', atUs = noon * 1e6 + 500_000 } = from
    for (const datagram of datagrams) {
      const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length)
      const arrival = { w0, w1, w2, w3, port, atUs, transport }
      this.collector.decoder.take(view, 0, datagram.length, arrival)
    }
    this.collector.rows.flush()
    return this
  }

  tick(nowUs = noon * 1e6 + 1e6): this {
    this.collector.tick(nowUs)
    return this
  }

  /** The exporter that came up first, or that of a domain. */
  exporter(domain?: number): Exporter {
    const all = [...this.collector.decoder.exporters.values()]
    const found = domain === undefined ? all[0] : all.find((one) => one.domain === domain)
    if (found === undefined) throw new Error('nobody was heard')
    return found
  }

  flows(batch: FlowBatch): void {
    for (let row = 0; row < batch.length; row++) this.rows.push(rowAt(batch, row))
  }

  events(batch: FlowBatch): void {
    for (let row = 0; row < batch.length; row++) this.eventRows.push(rowAt(batch, row))
  }

  sourceIndex(name: string): number {
    const known = this.names.indexOf(name)
    return known >= 0 ? known + 1 : this.names.push(name)
  }

  watchedFrom(source: number, us: number): void {
    this.watched.push([source, us])
  }

  gap(source: number, gap: Omit<Told, 'source'>): void {
    this.gaps.push({ source, ...gap })
  }

  progress(of: readonly (Progress & { source: number })[]): void {
    for (const { source, ...progress } of of) this.told.set(source, progress)
  }

  restarted(source: number): void {
    this.restarts.push(source)
  }

  doubted(source: number): void {
    this.doubts.push(source)
  }
}
