import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import type { CaptureStatus } from './messages.ts'
import type { Capturing } from './capturing.ts'

type Numbers = readonly (readonly [
  name: string,
  help: string,
  value: (status: CaptureStatus) => number,
])[]

const counters: Numbers = [
  ['capture_packets_total', 'First packets that NFLOG handed over.', ({ packets }) => packets],
  ['capture_lost_total', 'Packets that the kernel numbered and lost.', ({ lost }) => lost],
  ['capture_overruns_total', 'Times the kernel dropped packets.', ({ overruns }) => overruns],
  ['capture_truncated_total', 'Datagrams that were cut short.', ({ truncated }) => truncated],
  ['capture_malformed_total', 'Messages that could not be read.', ({ malformed }) => malformed],
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

/** One question to the thread serves all metrics of a scrape. */
const sameScrapeMs = 200

function sharedStatus(capturing: Capturing): () => Promise<CaptureStatus | undefined> {
  let asked: Promise<CaptureStatus | undefined> | undefined
  let askedAt = 0
  return () => {
    if (asked === undefined || Date.now() - askedAt > sameScrapeMs) {
      askedAt = Date.now()
      asked = capturing.status()
    }
    return asked
  }
}

/** Puts what live classification counts on the program's registry. */
export function countCapture(registry: Registry, capturing: Capturing): void {
  const registers = [registry]
  const status = sharedStatus(capturing)
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
}
