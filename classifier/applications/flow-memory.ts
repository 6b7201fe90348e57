import type { Classification } from '../../model/classification.ts'
import type { Flow } from '../flow.ts'
import { Remembered } from './remembered.ts'

/** Flows that are remembered, and for how long after their verdict. */
const maxFlows = 65_536
const keepUs = 3600e6
/** Only what was sure is believed again. */
const leastConfidence = 80
const confidence = 60

type Known = readonly [protocol: string, application: string]

const isKnown = (value: unknown): value is Known =>
  Array.isArray(value) && value.length === 2 && value.every((one) => typeof one === 'string')

const key = (flow: Flow): string => `${flow.protocol} ${flow.clientText} ${flow.serverText}`

/**
 * What UDP flows were, by both ends. One that was silent so long that it counts as another goes on
 * in the middle of a conversation, where nothing tells its protocol any more.
 */
export class FlowMemory {
  private readonly flows = new Remembered<Known>(maxFlows)

  get size(): number {
    return this.flows.size
  }

  /** Keeps a sure verdict; UDP alone. */
  keep(flow: Flow, found: Classification): void {
    const isSure = found.confidence >= leastConfidence && found.protocol !== 'dns'
    if (flow.protocol !== 17 || !isSure || Number.isNaN(flow.lastUs)) return
    const known: Known = [found.protocol, found.application ?? '']
    this.flows.set(key(flow), known, flow.lastUs + keepUs)
  }

  /** The verdict as it was, where this one found nothing and the ends are known. */
  completed(flow: Flow, found: Classification): Classification {
    if (flow.protocol !== 17 || found.confidence >= 30) return found
    const known = this.flows.get(key(flow), flow.lastUs)
    if (known === undefined) return found
    const [protocol, application] = known
    const what = 'the same ends, before a silence'
    return {
      ...found,
      protocol,
      application: application === '' ? undefined : application,
      confidence,
      evidence: [{ source: 'expectation', packet: 1, speaksFor: protocol, confidence, what }],
    }
  }

  save(path: string, nowUs: number): void {
    this.flows.save(path, nowUs)
  }

  load(path: string, nowUs: number): number {
    return this.flows.load(path, nowUs, isKnown)
  }
}
