import type { ExtraName } from '../model/fields.ts'
import { makeFlowBatch } from '../model/flow-batch.ts'
import type { FlowBatch } from '../model/flow-batch.ts'
import { fillRandom } from './random-flows.ts'

/** Columns that a gateway with a classifier fills. */
export const namedExtras = [
  'ingressInterface',
  'egressInterface',
  'applicationName',
  'applicationCategoryName',
  'protocolName',
] as const satisfies readonly ExtraName[]

export const applicationCount = 200
const categoryCount = 25
/** Busy subscribers behind 10 000 new connections a second. */
const insideHosts = 30_000
const protocols = ['tls', 'quic', 'dns', 'http', 'stun', 'bittorrent', 'ntp', 'rtp']

/** A few are most of it: the n-th of `count` is about 1/n as frequent as the first. */
function zipf(random: (below: number) => number, count: number): number {
  return Math.min(count - 1, Math.floor(Math.exp((random(1e6) / 1e6) * Math.log(count))) - 1)
}

/**
 * Random flows with an application, a category, a protocol and two of twelve interfaces each; they
 * end over the time, as rows do in the order in which they are written.
 */
export function namedBatch(
  rows: number,
  random: (below: number) => number,
  firstId: number,
  fromUs: number,
  toUs: number
): FlowBatch {
  const batch = makeFlowBatch(rows, namedExtras)
  fillRandom(batch, random, firstId, fromUs, toUs)
  const { columns, extras, texts } = batch
  for (let row = 0; row < rows; row++) {
    columns.sourceAddress[4 * row + 3] = 0x0a000000 + random(insideHosts)
    const application = zipf(random, applicationCount)
    const set = (name: (typeof namedExtras)[number], value: number): void => {
      const column = extras[name]
      if (column !== undefined) column[row] = value
    }
    set('applicationName', texts.numberOf(`application-${application}`))
    set('applicationCategoryName', texts.numberOf(`category-${application % categoryCount}`))
    set('protocolName', texts.numberOf(protocols[application % protocols.length] ?? ''))
    set('ingressInterface', 1 + random(8))
    set('egressInterface', 100 + random(4))
    const length =
      (columns.flowEndMicroseconds[row] ?? 0) - (columns.flowStartMicroseconds[row] ?? 0)
    for (const name of [
      'connectionStart',
      'flowStartMicroseconds',
      'flowEndMicroseconds',
      'lastPacket',
    ] as const) {
      columns[name][row] = (columns[name][row] ?? 0) - length
    }
  }
  return batch
}
