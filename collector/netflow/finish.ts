import { v4MappedWord } from '../../model/address.ts'
import { copyRow } from '../../model/flow-batch.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { maxTextBytes } from './limits.ts'
import { maxDelayUs } from './exporter.ts'
import type { Exporter } from './exporter.ts'
import { finishEvents } from './finish-events.ts'
import { earliestOf, finishTimes, latestOf } from './finish-times.ts'
import type { TimeTally } from './finish-times.ts'
import type { Call } from './kernel-memory.ts'
import type { KernelContext } from './kernels.ts'
import type { Plan, Scratch } from './plan.ts'

const icmp = 1
const icmp6 = 58

/**
 * Makes whole rows of what the kernels copied: what a record does not say follows from what it
 * says, from its message, or from what its exporter has said by options.
 */
export class Finisher {
  /** The longest flow of the last call (us). */
  longest = 0
  /** Serial number of the next row, whose high word tells this run of the program from others. */
  private serial = 0
  private readonly run: number
  private readonly scratch: Scratch
  private readonly tally: TimeTally = { longest: 0, implausible: 0 }

  constructor(scratch: Scratch, run = Math.floor(Date.now() / 1000)) {
    this.scratch = scratch
    // The ledger's numbers have a sign.
    this.run = run & 0x7fff_ffff
  }

  /**
   * Finishes `rows` rows behind those that the batch has.
   *
   * @returns how many rows there are now: what is no translation is left out
   */
  finish(
    exporter: Exporter,
    plan: Plan,
    batch: FlowBatch,
    rows: number,
    context: KernelContext
  ): number {
    const from = batch.length
    const to = from + rows
    const { facts } = plan
    fillPost(batch, facts, from, to)
    if (!facts.icmp) moveIcmp(batch, from, to)
    if (facts.isEvent) finishEvents(exporter, facts, batch, this.scratch, from, to, context)
    else {
      if (facts.event) batch.extras.natEvent?.fill(0, from, to)
      this.finishTimes(exporter, plan, batch, from, to, context)
    }
    this.finishNames(exporter, plan, batch, from, to)
    this.finishSampling(exporter, plan, batch, from, to)
    batch.extras.sourceIndex?.fill(exporter.sourceIndex, from, to)
    const { flowId } = batch.columns
    for (let row = from; row < to; row++) {
      this.serial = (this.serial + 1) >>> 0
      flowId[2 * row] = this.serial
      flowId[2 * row + 1] = this.run
    }
    return facts.isEvent ? leaveOut(exporter, batch, from, to) : rows
  }

  /** Tells the compiled kernels what they need to know. */
  prepare(exporter: Exporter, context: KernelContext, call: Call): void {
    call.source = exporter.sourceIndex
    call.earliestUs = earliestOf(context)
    call.latestUs = latestOf(context)
    call.run = this.run
    call.serial = this.serial
  }

  /** Finishes rows that the compiled kernels made, which have done most of it. */
  finishQuick(
    exporter: Exporter,
    plan: Plan,
    batch: FlowBatch,
    rows: number,
    context: KernelContext,
    call: Call
  ): void {
    const from = batch.length
    const to = from + rows
    this.serial = call.serial
    this.longest = call.longest
    if (!call.isSound) this.finishTimes(exporter, plan, batch, from, to, context)
    else learnLongest(exporter, this.longest)
    this.finishNames(exporter, plan, batch, from, to)
    this.finishSampling(exporter, plan, batch, from, to)
  }

  private finishTimes(
    exporter: Exporter,
    { facts }: Plan,
    batch: FlowBatch,
    from: number,
    to: number,
    context: KernelContext
  ): void {
    this.tally.longest = 0
    this.tally.implausible = 0
    finishTimes(exporter, facts, batch, this.scratch, from, to, context, this.tally)
    this.longest = this.tally.longest
    exporter.counters.implausibleTimes += this.tally.implausible
    learnLongest(exporter, this.longest)
  }

  /** What options named: applications and pools. */
  private finishNames(
    exporter: Exporter,
    { facts }: Plan,
    batch: FlowBatch,
    from: number,
    to: number
  ): void {
    const { applications, pools } = exporter.names
    const { applicationId, applicationName, natPoolName } = batch.extras
    if (facts.applicationId && !facts.applicationName && applications.size > 0) {
      for (let row = from; row < to; row++) {
        const name = applications.get(applicationId?.[row] ?? 0)
        if (name === undefined || applicationName === undefined) continue
        applicationName[row] = batch.texts.numberOf(name.slice(0, maxTextBytes))
      }
    }
    if (facts.poolId && !facts.poolName && natPoolName !== undefined) {
      for (let row = from; row < to; row++) {
        const pool = this.scratch.natPoolId[row] ?? 0
        natPoolName[row] = batch.texts.numberOf(pools.get(pool) ?? `pool ${pool}`)
      }
    }
  }

  private finishSampling(
    exporter: Exporter,
    { facts }: Plan,
    batch: FlowBatch,
    from: number,
    to: number
  ): void {
    const column = batch.extras.samplingInterval
    if (column === undefined) return
    if (facts.sampling && exporter.settings.samplingInterval === undefined) {
      exporter.samplingInterval = column[to - 1] ?? 0
      exporter.samplingOrigin ??= 'record'
      return
    }
    const { samplers, interfaceSampling, samplingInterval } = exporter
    const hasInterface = facts.ingressInterface || facts.egressInterface
    const bySampler = facts.sampler && samplers.size > 0
    const byInterface = hasInterface && interfaceSampling.size > 0
    if (!bySampler && !byInterface) {
      if (samplingInterval > 1) column.fill(samplingInterval, from, to)
      return
    }
    const { ingressInterface, egressInterface } = batch.extras
    for (let row = from; row < to; row++) {
      const interval =
        (bySampler ? samplers.get(this.scratch.samplerId[row] ?? 0) : undefined) ??
        (facts.ingressInterface
          ? interfaceSampling.get(ingressInterface?.[row] ?? 0)
          : undefined) ??
        (facts.egressInterface ? interfaceSampling.get(egressInterface?.[row] ?? 0) : undefined) ??
        samplingInterval
      column[row] = interval
      if (interval > 1) exporter.recordSampling = interval
    }
  }
}

function learnLongest(exporter: Exporter, lastedUs: number): void {
  if (lastedUs > exporter.longestUs) exporter.longestUs = lastedUs
  if (lastedUs > maxDelayUs) exporter.counters.overlongFlows++
}

/** What is not translated, or told as zero, is after the translation what it was before. */
function fillPost({ columns: c }: FlowBatch, facts: Plan['facts'], from: number, to: number): void {
  fillAddress(c.postNatSourceAddress, c.sourceAddress, facts.postSource, from, to)
  fillAddress(c.postNatDestinationAddress, c.destinationAddress, facts.postDestination, from, to)
  fillPort(
    c.postNaptSourceTransportPort,
    c.sourceTransportPort,
    facts.postSourcePort && facts.postSource,
    from,
    to
  )
  fillPort(
    c.postNaptDestinationTransportPort,
    c.destinationTransportPort,
    facts.postDestinationPort,
    from,
    to
  )
}

function fillAddress(
  post: Uint32Array,
  plain: Uint32Array,
  isTold: boolean,
  from: number,
  to: number
): void {
  for (let at = 4 * from; at < 4 * to; at += 4) {
    // Most that are told end like this, and need no closer look.
    if (isTold && post[at + 3] !== 0) continue
    const mapped = post[at + 2] ?? 0
    const zero = (post[at] ?? 0) | (post[at + 1] ?? 0)
    if (isTold && (zero !== 0 || (mapped !== 0 && mapped !== v4MappedWord))) continue
    post[at] = plain[at] ?? 0
    post[at + 1] = plain[at + 1] ?? 0
    post[at + 2] = plain[at + 2] ?? 0
    post[at + 3] = plain[at + 3] ?? 0
  }
}

function fillPort(
  post: Uint16Array,
  plain: Uint16Array,
  isTold: boolean,
  from: number,
  to: number
): void {
  for (let row = from; row < to; row++) {
    if (!isTold || post[row] === 0) post[row] = plain[row] ?? 0
  }
}

/** Exporters without an element for it put type and code of ICMP where the port would be. */
function moveIcmp({ columns: c }: FlowBatch, from: number, to: number): void {
  const { protocolIdentifier, destinationTransportPort, postNaptDestinationTransportPort } = c
  for (let row = from; row < to; row++) {
    const protocol = protocolIdentifier[row]
    if (protocol !== icmp && protocol !== icmp6) continue
    c.icmpTypeCode[row] = destinationTransportPort[row] ?? 0
    destinationTransportPort[row] = 0
    postNaptDestinationTransportPort[row] = 0
  }
}

/** Events that are no translation (an ASA's "denied") make no row. */
function leaveOut(exporter: Exporter, batch: FlowBatch, from: number, to: number): number {
  const { natEvent } = batch.extras
  let kept = from
  for (let row = from; row < to; row++) {
    if (natEvent?.[row] === 255) {
      exporter.counters.notTranslated++
      continue
    }
    if (kept !== row) copyRow(batch, row, batch, kept)
    kept++
  }
  return kept - from
}
