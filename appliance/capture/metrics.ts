import type { Registry } from 'prom-client'
import { perScrape } from '../per-scrape.ts'
import { addRead, single, valuesBy } from '../read-metric.ts'
import type { Value } from '../read-metric.ts'
import type { CaptureStatus } from './messages.ts'
import type { Capturing } from './capturing.ts'

type Numbers = readonly (readonly [
  name: string,
  help: string,
  value: (status: CaptureStatus) => number,
])[]

const numbers: Numbers = [
  ['capture_packets_total', 'First packets that NFLOG handed over.', ({ packets }) => packets],
  [
    'capture_repeated_total',
    'Packets that several interfaces showed, counted once.',
    ({ repeated }) => repeated,
  ],
  ['capture_lost_total', 'Packets that the kernel numbered and lost.', ({ lost }) => lost],
  [
    'capture_overruns_total',
    'Datagrams of packets that found the buffer full.',
    ({ overruns }) => overruns,
  ],
  ['capture_truncated_total', 'Datagrams that were cut short.', ({ truncated }) => truncated],
  ['capture_malformed_total', 'Messages that could not be read.', ({ malformed }) => malformed],
  [
    'capture_unknown_flows_total',
    'Connections that nothing recognised, whose packets are kept.',
    ({ unknownPackets }) => unknownPackets?.flows ?? 0,
  ],
  [
    'capture_unknown_packets_total',
    'Packets of them that were written.',
    ({ unknownPackets }) => unknownPackets?.packets ?? 0,
  ],
  [
    'capture_unknown_failed_total',
    'Packets of them that could not be written.',
    ({ unknownPackets }) => unknownPackets?.failed ?? 0,
  ],
  [
    'capture_unknown_not_held_total',
    'Connections whose packets had to go before it was known what they are.',
    ({ unknownPackets }) => unknownPackets?.notHeld ?? 0,
  ],
  [
    'capture_hurried_total',
    'Connections that were decided early, since too many others were undecided.',
    ({ hurried }) => hurried,
  ],
  [
    'policy_verdicts_total',
    'Verdicts that the policy was asked about.',
    ({ policy }) => policy?.verdicts ?? 0,
  ],
  [
    'policy_unlogged_total',
    'Actions of the policy that could not be logged.',
    ({ policy }) => policy?.unlogged ?? 0,
  ],
  [
    'stream_readers_dropped_total',
    'Readers of the stream that did not read.',
    ({ readersDropped }) => readersDropped,
  ],
  ['capture_open_flows', 'Connections that are followed.', ({ openFlows }) => openFlows],
  ['stream_readers', 'Who reads the stream of flows.', ({ readers }) => readers],
]

/** Puts what live classification counts on the program's registry. */
export function countCapture(registry: Registry, capturing: Capturing): void {
  const status = perScrape(() => capturing.status())
  for (const [name, help, value] of numbers) {
    const read = async (): Promise<Value[] | undefined> => {
      const told = await status()
      return single(told === undefined ? undefined : value(told))
    }
    addRead(registry, { name, help, read })
  }
  addRead(registry, {
    name: 'classified_flows_total',
    help: 'Connections that were classified, by protocol.',
    labels: ['protocol'],
    read: async () => valuesBy('protocol', (await status())?.flows ?? {}),
  })
  addRead(registry, {
    name: 'policy_matched_total',
    help: 'Connections that each action of the policy meant.',
    labels: ['action'],
    read: async () => valuesBy('action', (await status())?.policy?.matched ?? {}),
  })
  addRead(registry, {
    name: 'policy_outcomes_total',
    help: 'What became of what targets were to do (reference/policy.md).',
    labels: ['target', 'outcome'],
    read: async () => outcomesOf((await status())?.policy?.outcomes ?? {}),
  })
}

/** Counts by "target outcome", which are two labels. */
const outcomesOf = (outcomes: Readonly<Record<string, number>>): Value[] =>
  Object.entries(outcomes).map(([key, count]) => {
    const [target = '', outcome = ''] = key.split(' ')
    return [{ target, outcome }, count]
  })
