import { v4MappedWord } from '../../model/address.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { natEventMeanings } from '../../model/nat-events.ts'
import { eventOf, learnDialect } from './dialects.ts'
import type { Exporter } from './exporter.ts'
import type { Facts } from './facts.ts'
import type { KernelContext } from './kernels.ts'
import type { Scratch } from './plan.ts'

/** Further than this from its message no event was (us): it is held for one of the message. */
const believedUs = 86_400e6

/**
 * Events: their numbers become RFC 8158's, their time is one instant, and an end that tells when it
 * began says so in `connectionStart`.
 */
export function finishEvents(
  exporter: Exporter,
  facts: Facts,
  batch: FlowBatch,
  scratch: Scratch,
  from: number,
  to: number,
  context: KernelContext
): void {
  const { natEvent } = batch.extras
  const { sourceAddress, destinationAddress, postNatDestinationAddress } = batch.columns
  if (natEvent === undefined) return
  for (let row = from; row < to; row++) {
    const raw = facts.event ? (natEvent[row] ?? 0) : 0
    if (exporter.settings.dialect === undefined) {
      exporter.dialect = learnDialect(exporter.dialect, raw, facts.shape)
    }
    natEvent[row] = eventOf(raw, exporter.dialect ?? 'rfc8158', facts.shape)
    setTime(exporter, facts, batch, scratch, row, context.exportUs)
    unspecify(sourceAddress, row)
    unspecify(destinationAddress, row)
    unspecify(postNatDestinationAddress, row)
  }
  if (facts.block) finishBlocks(facts, batch, scratch, from, to)
}

function setTime(
  exporter: Exporter,
  facts: Facts,
  { columns, extras }: FlowBatch,
  { eventTime }: Scratch,
  row: number,
  exportUs: number
): void {
  const { flowStartMicroseconds: starts, flowEndMicroseconds: ends, connectionStart } = columns
  const start = facts.start ? (starts[row] ?? 0) : 0
  const end = facts.end ? (ends[row] ?? 0) : 0
  const told = facts.eventTime ? (eventTime[row] ?? 0) : 0
  const meaning = natEventMeanings[extras.natEvent?.[row] ?? 0]
  const isEnd = meaning !== undefined && 'step' in meaning && meaning.step === 'end'
  const own = isEnd ? firstOf(told, end, start) : firstOf(told, start, end)
  const isBelieved = Math.abs(own - exportUs) <= believedUs
  if (own !== 0 && !isBelieved) exporter.counters.implausibleTimes++
  const at = isBelieved ? own : exportUs
  // A whole interval told at once, by a record that is no event.
  const isFlow = extras.natEvent?.[row] === 0
  starts[row] = isFlow && start > 0 && start <= at ? start : at
  ends[row] = at
  connectionStart[row] = isEnd && start > 0 && start < at ? start : 0
}

function firstOf(a: number, b: number, c: number): number {
  return a > 0 ? a : b > 0 ? b : c > 0 ? c : 0
}

/** An address that is told as zero is not told. */
function unspecify(words: Uint32Array, row: number): void {
  const at = 4 * row
  if (words[at + 3] === 0 && words[at + 2] === v4MappedWord) words[at + 2] = 0
}

/** Blocks told by their first port and a number of ports (IOS-XE), or without a step. */
function finishBlocks(
  facts: Facts,
  { extras }: FlowBatch,
  { portRangeNumPorts }: Scratch,
  from: number,
  to: number
): void {
  const { portRangeStart, portRangeEnd, portRangeStepSize } = extras
  if (portRangeStart === undefined || portRangeEnd === undefined) return
  for (let row = from; row < to; row++) {
    const step = portRangeStepSize?.[row] ?? 0
    if (facts.blockEnd && portRangeEnd[row] !== 0) continue
    const ports = facts.blockCount ? (portRangeNumPorts[row] ?? 0) : 0
    const last = (portRangeStart[row] ?? 0) + Math.max(1, step) * (Math.max(1, ports) - 1)
    portRangeEnd[row] = Math.min(0xffff, last)
  }
}
