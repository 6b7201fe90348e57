import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import { perScrape } from '../per-scrape.ts'
import type { CaptureStatus } from './messages.ts'
import type { Capturing } from './capturing.ts'

type Numbers = readonly (readonly [
  name: string,
  help: string,
  value: (status: CaptureStatus) => number,
])[]

const counters: Numbers = [
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
]

const gauges: Numbers = [
  ['capture_open_flows', 'Connections that are followed.', ({ openFlows }) => openFlows],
  ['stream_readers', 'Who reads the stream of flows.', ({ readers }) => readers],
]

/** Puts what live classification counts on the program's registry. */
export function countCapture(registry: Registry, capturing: Capturing): void {
  const registers = [registry]
  const status = perScrape(() => capturing.status())
  for (const [key, help, value] of counters) {
    void new Counter({
      name: `flowledger_${key}`,
      help,
      registers,
      async collect() {
        this.reset()
        const read = await status()
        this.inc(read === undefined ? 0 : value(read))
      },
    })
  }
  for (const [key, help, value] of gauges) {
    void new Gauge({
      name: `flowledger_${key}`,
      help,
      registers,
      async collect() {
        const read = await status()
        this.set(read === undefined ? 0 : value(read))
      },
    })
  }
  void new Counter({
    name: 'flowledger_classified_flows_total',
    help: 'Connections that were classified, by protocol.',
    labelNames: ['protocol'],
    registers,
    async collect() {
      this.reset()
      const flows = (await status())?.flows ?? {}
      for (const [protocol, count] of Object.entries(flows)) this.inc({ protocol }, count)
    },
  })
  countPolicy(registry, status)
}

type Status = () => Promise<CaptureStatus | undefined>

/** Counters of the policy by action, and by target and what came of it. */
function countPolicy(registry: Registry, status: Status): void {
  const registers = [registry]
  const name = 'flowledger_policy'
  void new Counter({
    name: `${name}_matched_total`,
    help: 'Connections that each action of the policy meant.',
    labelNames: ['action'],
    registers,
    async collect() {
      this.reset()
      const matched = (await status())?.policy?.matched ?? {}
      for (const [action, count] of Object.entries(matched)) this.inc({ action }, count)
    },
  })
  void new Counter({
    name: `${name}_outcomes_total`,
    help: 'What became of what targets were to do (reference/policy.md).',
    labelNames: ['target', 'outcome'],
    registers,
    async collect() {
      this.reset()
      for (const [key, count] of Object.entries((await status())?.policy?.outcomes ?? {})) {
        const [target = '', outcome = ''] = key.split(' ')
        this.inc({ target, outcome }, count)
      }
    },
  })
}
