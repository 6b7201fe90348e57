import { formatWords } from '../model/address.ts'
import type { ConntrackEntry, Tuple } from '../model/conntrack-entry.ts'
import { OnceMemory } from './once-memory.ts'
import type { Verdict } from './outcome.ts'

const end = ({ address, port }: Tuple['source']): string => `${formatWords(address)}|${port}`

/** Tells this entry from any other, also from one with the same original tuple after it. */
const entryKey = ({ ipProtocol, original, zone, id }: ConntrackEntry): string =>
  `${ipProtocol}|${end(original.source)}|${end(original.destination)}|${zone}|${id}`

/** What one client does with one service. */
const serviceKey = ({ flow }: Verdict): string =>
  `${flow.ipProtocol}|${formatWords(flow.local.address)}|${end(flow.other)}`

/**
 * Keeps what starts connections over from doing so again and again. Each connection is touched
 * once. One that the same client began with the same service after that, and that stands as wrong
 * as the one before, is left alone: then it is not the connection that is at fault.
 */
export class MovedOnce {
  private readonly entries: OnceMemory
  private readonly services: OnceMemory

  constructor(keepUs: number) {
    this.entries = new OnceMemory(keepUs)
    this.services = new OnceMemory(keepUs)
  }

  get forgotten(): number {
    return this.entries.forgotten + this.services.forgotten
  }

  /** True where the connection shall be left alone. */
  isRepeated(verdict: Verdict, nowUs: number): boolean {
    if (this.entries.at(entryKey(verdict.entry), nowUs) !== undefined) return true
    const movedUs = this.services.at(serviceKey(verdict), nowUs)
    return movedUs !== undefined && verdict.entry.startUs >= movedUs
  }

  note(verdict: Verdict, nowUs: number): void {
    this.entries.note(entryKey(verdict.entry), nowUs)
    // The first time counts: what began between two moves is no proof of a loop.
    const service = serviceKey(verdict)
    if (this.services.at(service, nowUs) === undefined) this.services.note(service, nowUs)
  }
}
