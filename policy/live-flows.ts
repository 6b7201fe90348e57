import type { ClassifiedFlow } from '../model/classified-flow.ts'
import type { ConntrackEntry } from '../model/conntrack-entry.ts'
import { maxLiveFlows } from './limits.ts'

/** A connection that is open as far as known, and what was asked to be done to it. */
export interface LiveFlow<T> {
  readonly flow: ClassifiedFlow
  readonly entry: ConntrackEntry
  asked: readonly T[]
}

/** The ends of a connection, whichever opened it. */
export type FlowEnds = Pick<ClassifiedFlow, 'ipProtocol' | 'local' | 'other'>

const endKey = ({ address: [w0, w1, w2, w3], port }: FlowEnds['local']): string =>
  `${w0},${w1},${w2},${w3},${port}`

function keyOf({ ipProtocol, local, other }: FlowEnds): string {
  const [a, b] = [endKey(local), endKey(other)]
  return a < b ? `${ipProtocol}|${a}|${b}` : `${ipProtocol}|${b}|${a}`
}

/**
 * Connections that a changed policy can be applied to. Of too many the oldest are forgotten: a
 * reload then is not for them, and what was put into the kernel stays until it expires.
 */
export class LiveFlows<T> {
  /** Connections that were forgotten since there were too many. */
  forgotten = 0
  private readonly flows = new Map<string, LiveFlow<T>>()
  private readonly limit: number

  constructor(limit = maxLiveFlows) {
    this.limit = limit
  }

  get size(): number {
    return this.flows.size
  }

  [Symbol.iterator](): Iterator<LiveFlow<T>> {
    return this.flows.values()
  }

  note(flow: ClassifiedFlow, entry: ConntrackEntry, asked: readonly T[]): void {
    const key = keyOf(flow)
    this.flows.delete(key)
    this.flows.set(key, { flow, entry, asked })
    if (this.flows.size <= this.limit) return
    const [oldest] = this.flows.keys()
    if (oldest !== undefined) this.flows.delete(oldest)
    this.forgotten++
  }

  forget(ends: FlowEnds): void {
    if (this.flows.size > 0) this.flows.delete(keyOf(ends))
  }

  clear(): void {
    this.flows.clear()
  }

  /** What was asked of targets that are closed cannot be taken back any more. */
  keepOnly(isOpen: (asked: T) => boolean): void {
    for (const flow of this.flows.values()) flow.asked = flow.asked.filter(isOpen)
  }
}
