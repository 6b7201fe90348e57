import { natEvents } from '../../../model/nat-events.ts'
import type { ExtraName } from '../../../model/fields.ts'
import { makeFlowBatch } from '../../../model/flow-batch.ts'
import type { FlowBatch } from '../../../model/flow-batch.ts'
import { makeRandom } from '../../../bench/random-flows.ts'
import { batchOf } from '../flow-rows.ts'
import type { TestFlow } from '../flow-rows.ts'

/** Columns of the spool that the day is written to. */
export const dayExtras = [
  'sourceIndex',
  'natEvent',
  'portRangeStart',
  'portRangeEnd',
  'portRangeStepSize',
  'ingressInterface',
  'egressInterface',
  'applicationName',
  'applicationCategoryName',
  'protocolName',
] as const satisfies readonly ExtraName[]

/** A flow with what reports tell apart. */
export interface DayFlow extends TestFlow {
  /** 1 or 2; 9 is of no source. */
  readonly sourceIndex: number
  readonly application: string
  readonly category: string
  readonly spoken: string
  readonly ingress: number
  readonly egress: number
}

/** A block of ports, or a notice where it has no ports. */
export interface DayBlock {
  readonly sourceIndex: number
  readonly event: number
  readonly address: string
  readonly first: number
  readonly last: number
  readonly step: number
  readonly startUs: number
  readonly endUs: number
}

export interface RandomDay {
  readonly flows: readonly DayFlow[]
  readonly blocks: readonly DayBlock[]
}

const pick = <T>(random: (below: number) => number, of: readonly T[]): T => {
  const found = of[random(of.length)]
  if (found === undefined) throw new Error('nothing to pick from')
  return found
}

const applications = ['zoom', 'netflix', '', '=evil()', 'a\u0000b', ' ', 'other', 'x'.repeat(90)]

/** Kinds of translation: source NAT, port forward, hairpin, none; IPv6 among them. */
function endpoints(random: (below: number) => number): Omit<TestFlow, 'startUs' | 'endUs'> {
  const inside = `10.0.${random(2)}.${1 + random(40)} ${1024 + random(60_000)}`
  const remote = `198.51.100.${1 + random(50)} 443`
  const outside = `192.0.2.${1 + random(4)} ${1024 + random(60_000)}`
  const kind = random(10)
  if (kind < 6) return { source: inside, destination: remote, postNatSource: outside }
  if (kind === 6) {
    return { source: remote, destination: outside, postNatDestination: inside }
  }
  if (kind === 7) {
    const forward = `192.0.2.${1 + random(4)} 80`
    const both = { postNatSource: outside, postNatDestination: '10.0.0.9 8080' }
    return { source: inside, destination: forward, ...both }
  }
  if (kind === 8) return { source: `fd00::${1 + random(30)} 5000`, destination: '2001:db8::1 443' }
  return { source: remote, destination: '203.0.113.7 22' }
}

function makeFlow(random: (below: number) => number, dayUs: number, id: number): DayFlow {
  const startUs = dayUs + random(86_399) * 1e6 + random(1e6)
  const lengths = [0, random(1000), random(30e6), random(600e6), random(3600e6)]
  const endUs = startUs + pick(random, lengths)
  const isLater = random(4) === 0
  const isBad = random(50) === 0
  const hasLast = random(3) > 0
  return {
    ...endpoints(random),
    id: BigInt(id),
    startUs,
    endUs: isBad ? startUs - 1 : endUs,
    lastPacketUs: hasLast ? startUs + Math.floor((endUs - startUs) * (random(100) / 100)) : 0,
    connectionStartUs: isLater ? startUs - 1800e6 : startUs,
    flags: pick(random, [0, 0, 0, 1, 4]),
    protocol: pick(random, [6, 6, 17, 1]),
    octets: BigInt(random(2 ** 31)) * BigInt(pick(random, [1, 1, 3000])),
    reverseOctets: BigInt(random(1e6)),
    packets: BigInt(random(1e5)),
    reversePackets: BigInt(random(7)),
    sourceIndex: random(40) === 0 ? 9 : 1 + random(2),
    application: pick(random, applications),
    category: pick(random, ['', 'streaming', 'voice']),
    spoken: pick(random, ['tls', 'quic', 'dns', '']),
    ingress: random(3),
    egress: pick(random, [0, 7, 4_000_000_000]),
  }
}

function makeBlock(random: (below: number) => number, dayUs: number): DayBlock {
  const startUs = dayUs + random(86_399) * 1e6
  const first = 1024 + 512 * random(100)
  return {
    sourceIndex: 1 + random(2),
    event: pick(random, [
      natEvents.portBlockAllocation,
      natEvents.addressBindingCreate,
      natEvents.portsExhausted,
      natEvents.quotaExceeded,
      200,
    ]),
    address: `192.0.2.${1 + random(4)}`,
    first,
    last: first + 511,
    step: pick(random, [1, 1, 4]),
    startUs,
    endUs: startUs + random(3600e6),
  }
}

/** A day of flows of two gateways, in no order: most of it comes late. */
export function makeRandomDay(seed: number, dayUs: number, flows: number): RandomDay {
  const random = makeRandom(seed)
  return {
    flows: Array.from({ length: flows }, (_, id) => makeFlow(random, dayUs, id + 1)),
    blocks: Array.from({ length: Math.ceil(flows / 20) }, () => makeBlock(random, dayUs)),
  }
}

/** Flows as a batch with every column. */
export function dayBatch(flows: readonly DayFlow[]): FlowBatch {
  const plain = batchOf(flows)
  const { extras } = makeFlowBatch(plain.capacity, dayExtras)
  const set = (name: ExtraName, row: number, value: number): void => {
    const column = extras[name]
    if (column !== undefined) column[row] = value
  }
  for (const [row, flow] of flows.entries()) {
    set('sourceIndex', row, flow.sourceIndex)
    set('ingressInterface', row, flow.ingress)
    set('egressInterface', row, flow.egress)
    set('applicationName', row, plain.texts.numberOf(flow.application))
    set('applicationCategoryName', row, plain.texts.numberOf(flow.category))
    set('protocolName', row, plain.texts.numberOf(flow.spoken))
  }
  return { ...plain, extras }
}

/** Blocks and notices as a batch. */
export function blockBatch(blocks: readonly DayBlock[]): FlowBatch {
  const plain = batchOf(
    blocks.map(({ address, startUs, endUs }) => ({
      source: '10.0.0.1 0',
      destination: '0.0.0.0 0',
      postNatSource: `${address} 0`,
      startUs,
      endUs,
    }))
  )
  const { extras } = makeFlowBatch(plain.capacity, dayExtras)
  for (const [row, block] of blocks.entries()) {
    const values = {
      sourceIndex: block.sourceIndex,
      natEvent: block.event,
      portRangeStart: block.first,
      portRangeEnd: block.last,
      portRangeStepSize: block.step,
    } as const
    for (const [name, value] of Object.entries(values)) {
      const column = extras[name as keyof typeof values]
      if (column !== undefined) column[row] = value
    }
  }
  return { ...plain, extras }
}
