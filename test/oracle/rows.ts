import { formatWords, requireAddress } from '../../model/address.ts'
import type { TestFlow } from '../store/flow-rows.ts'
import { baseUs, batchWith, shapes, targetOf } from '../exporter/flows.ts'
import { makeTarget } from '../exporter/sending.ts'

/** Connections of every shape, many of each, no two alike. */
export const flows: readonly TestFlow[] = Array.from({ length: 300 }, (_, i) => {
  const shape = shapes[i % shapes.length] as TestFlow
  const icmp = shape.protocol === 1
  const port = (end: string): string =>
    icmp ? end : `${end.split(' ')[0]} ${1024 + 7 * i + (end.endsWith('443') ? 1 : 0)}`
  const source = icmp ? `10.0.${i >> 8}.${i & 255} ${i}` : port(shape.source)
  return {
    ...shape,
    source,
    ...(shape.postNatSource === undefined
      ? {}
      : { postNatSource: icmp ? `192.0.2.1 ${i + 9000}` : port(shape.postNatSource) }),
    startUs: baseUs + i * 1_234_567,
    endUs: baseUs + i * 1_234_567 + 98_765 * i,
    octets: 2n ** 52n + BigInt(i * 1001),
    packets: BigInt(i + 1),
    reverseOctets: BigInt(i * 77 + 1),
    reversePackets: BigInt(i + 2),
    id: BigInt(i + 1),
  }
})

export const names = [
  'applicationId',
  'applicationName',
  'tcpControlBits',
  'ingressInterface',
] as const
export const batch = batchWith(
  flows.map((flow) => ({ ...flow, octets: (flow.octets ?? 0n) & 0xffffffffffn })),
  [...names, 'egressInterface'],
  ({ extras, texts }, row) => {
    if (extras.applicationId) extras.applicationId[row] = 0x0d000101 + (row % 5)
    if (extras.applicationName) extras.applicationName[row] = texts.numberOf(`app-${row % 5}`)
    if (extras.tcpControlBits) extras.tcpControlBits[row] = 0x1b
    if (extras.ingressInterface) extras.ingressInterface[row] = 2
    if (extras.egressInterface) extras.egressInterface[row] = 3
  }
)
export const exportUs = baseUs + 500e6

/** Sends the rows in several messages, templates and options among them. */
export function send(given: Record<string, unknown>): (port: number) => Promise<void> {
  return async (port) => {
    const config = targetOf({ ...given, address: `127.0.0.1:${port}`, rate: 500 })
    const target = makeTarget(config)
    await target.open(exportUs)
    await target.tell(batch, 'slices', exportUs)
    await target.flush(exportUs)
    await target.close()
  }
}

export const canonical = (end: string): string => {
  const [ip = '', port = ''] = end.split(' ')
  return `${formatWords(requireAddress(ip))} ${port}`
}
export const ms = (us: number): number => Math.floor(us / 1000)

/** What any collector should have, in one form. */
export interface Told {
  readonly from: string
  readonly to: string
  readonly after: string
  readonly afterTo: string
  readonly protocol: number
  readonly octets: bigint
  readonly packets: bigint
  readonly startMs: number
  readonly endMs: number
}

export function forward(flow: TestFlow): Told {
  const { source, destination, startUs, endUs } = flow
  return {
    from: canonical(source),
    to: canonical(destination),
    after: canonical(flow.postNatSource ?? source),
    afterTo: canonical(flow.postNatDestination ?? destination),
    protocol: flow.protocol ?? 6,
    octets: (flow.octets ?? 0n) & 0xffffffffffn,
    packets: flow.packets ?? 0n,
    startMs: ms(startUs),
    endMs: ms(endUs),
  }
}

export function reverse(flow: TestFlow): Told {
  const out = forward(flow)
  return {
    ...out,
    from: out.afterTo,
    to: out.after,
    after: out.to,
    afterTo: out.from,
    octets: flow.reverseOctets ?? 0n,
    packets: flow.reversePackets ?? 0n,
  }
}

export const sorted = (list: readonly object[]): string[] =>
  list
    .map((one) =>
      JSON.stringify(one, (_, value: unknown) =>
        typeof value === 'bigint' ? String(value) : value
      )
    )
    .toSorted()

export type Row = Readonly<Record<string, string | number>>
