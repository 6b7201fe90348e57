import type { Registry } from 'prom-client'
import { perScrape } from '../per-scrape.ts'
import { addRead, single, valuesBy } from '../read-metric.ts'
import type { Value } from '../read-metric.ts'
import type { CollectingSyslog } from './collecting.ts'
import type { SenderStatus, SyslogStatus } from './messages.ts'

/** What became of the lines of a sender; the reasons of those without a time stand beside. */
const outcomes = ['events', 'passed', 'unknown', 'malformed', 'arrivalTimes'] as const

const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)

function linesOf(sender: SenderStatus): Value[] {
  const { name, timeless } = sender
  const plain = outcomes.map((key): Value => [{ source: name, outcome: snake(key) }, sender[key]])
  const late = Object.entries(timeless).map(([reason, count]): Value => [
    { source: name, outcome: reason },
    count,
  ])
  return [[{ source: name, outcome: 'all' }, sender.lines], ...plain, ...late]
}

/** Puts what the syslog receiver counts on the program's registry. */
export function countSyslog(registry: Registry, syslog: CollectingSyslog): void {
  const status = perScrape(() => syslog.status().catch(() => undefined))
  const family = (
    name: string,
    help: string,
    labels: string[],
    values: (status: SyslogStatus) => Value[] | undefined
  ): void => {
    const read = async (): Promise<Value[] | undefined> => {
      const told = await status()
      return told === undefined ? undefined : values(told)
    }
    addRead(registry, { name, help, labels, read })
  }
  family('syslog_lines_total', 'Lines of a source, by outcome.', ['source', 'outcome'], (read) =>
    read.senders.flatMap(linesOf)
  )
  family('syslog_heard_seconds', 'When a source was last heard.', ['source'], (read) =>
    read.senders.map(({ name, heardUs }) => [{ source: name }, heardUs / 1e6])
  )
  family('syslog_delay_seconds', 'How long lines of a source were under way.', ['source'], (read) =>
    read.senders.map(({ name, delayUs }) => [{ source: name }, delayUs / 1e6])
  )
  family('syslog_refused_total', 'Messages not taken, by reason.', ['reason'], (read) =>
    valuesBy('reason', read.refused)
  )
  family('nat_mappings_total', 'Mappings by what became of them.', ['outcome'], (read) =>
    Object.entries(read.mappings).map(([key, count]) => [{ outcome: snake(key) }, count])
  )
  family('nat_open_mappings', 'Sessions and blocks that are open.', [], ({ open }) => single(open))
  family('syslog_receive_buffer_bytes', 'Buffer that the kernel granted.', [], (read) =>
    single(read.receiveBuffer)
  )
}
