import type { AddressWords } from '../../model/address.ts'
import type { ConntrackEntry, Tuple } from '../../model/conntrack-entry.ts'
import { makeFlowBatch } from '../../model/flow-batch.ts'
import { EndedFlows } from '../../model/ended-flows.ts'
import type { EndedMessage } from '../../model/ended-flows.ts'
import { JoinedEntries } from '../../model/joined-entries.ts'
import type { JoinedMessage } from '../../model/joined-entries.ts'
import { verdictsOf } from '../../model/verdict-batch.ts'
import type { SentVerdict, VerdictMessage } from '../../model/verdict-batch.ts'
import { hashOf, rowLayout, rowWords } from './open-row.ts'
import type { Tracker } from './tracker.ts'

/** Verdicts that wait for their connection at a time. */
const maxWaiting = 1 << 16
/** How long a verdict waits for the event that tells of its connection (us). */
const waitUs = 2e6
/** Time between two looks (us): the more wait, the more seldom. */
const lookAgainUs = 5e3
const lookAgainEachUs = 50
/** Ends are told together: so many, or those of so long (us). */
const endsTogether = 512
const endsWaitUs = 50e3
/** The kernel's start of a connection and the clock of its first packet differ by a moment. */
const startToleranceUs = 1000

/** Why a verdict is of no open connection. */
export const unjoinedReasons = [
  /** No event has told of such a connection. */
  'no-entry',
  /** It was over before its verdict came, or another connection has its ends by now. */
  'ended',
  /** Connections of several zones have these ends. */
  'ambiguous',
  /** Too many wait. */
  'too-many',
] as const

export type UnjoinedReason = (typeof unjoinedReasons)[number]

/** What became of verdicts. */
export interface JoinCounters {
  joined: number
  readonly unjoined: Record<UnjoinedReason, number>
}

interface Waiting {
  readonly verdict: SentVerdict
  readonly untilUs: number
}

/**
 * Brings verdicts of the thread that classifies to the open flows that they are of. Packets are
 * seen at the forward hook, so a flow is found by its source and by where its destination's
 * translation leads; nobody tells a zone there. A verdict that comes before its flow waits a while.
 */
export class VerdictJoin {
  readonly counters: JoinCounters = {
    joined: 0,
    unjoined: { 'no-entry': 0, ended: 0, ambiguous: 0, 'too-many': 0 },
  }
  private readonly tracker: Tracker
  private readonly sought = makeFlowBatch(1).columns
  private waiting: Waiting[] = []
  private lookedUs = 0
  private readonly entries = new JoinedEntries()
  private isAsked = false
  private answer: ((message: JoinedMessage | EndedMessage) => void) | undefined
  private readonly ends = new EndedFlows()
  private endsToldUs = 0

  constructor(tracker: Tracker) {
    this.tracker = tracker
  }

  /**
   * Who is told the entries that verdicts were joined to, where they are wanted, and of connections
   * that are over: no more packets of them will come. Undefined: nobody any more.
   */
  answerTo(answer: ((message: JoinedMessage | EndedMessage) => void) | undefined): void {
    this.answer = answer
    this.tracker.ends = answer === undefined ? undefined : this.ends
  }

  /** Tells of connections that are over; to be called when events were read. */
  tellEnds(nowUs: number): void {
    const { count } = this.ends
    const isTime = count >= endsTogether || nowUs - this.endsToldUs >= endsWaitUs
    if (count === 0 || !isTime) return
    this.endsToldUs = nowUs
    this.answer?.(this.ends.take())
  }

  /** Takes verdicts; every event of before they were given has been read. */
  take(message: VerdictMessage, nowUs: number): void {
    this.isAsked = message.wantsEntries
    for (const verdict of verdictsOf(message)) {
      if (this.join(verdict)) continue
      if (this.waiting.length >= maxWaiting) this.refuse(verdict, 'too-many')
      else this.waiting.push({ verdict, untilUs: nowUs + waitUs })
    }
    this.tell()
  }

  /** Looks again for the flows of verdicts that wait; to be called when events were read. */
  look(nowUs: number): void {
    const { length } = this.waiting
    if (length === 0 || nowUs - this.lookedUs < lookAgainUs + length * lookAgainEachUs) return
    this.lookedUs = nowUs
    this.waiting = this.waiting.filter(({ verdict, untilUs }) => {
      if (this.join(verdict)) return false
      if (untilUs > nowUs) return true
      this.refuse(verdict, this.hasEnded(verdict) ? 'ended' : 'no-entry')
      return false
    })
    this.tell()
  }

  private refuse({ serial }: SentVerdict, reason: UnjoinedReason): void {
    this.counters.unjoined[reason]++
    if (this.isAsked) this.entries.refuse(serial)
  }

  private tell(): void {
    if (!this.entries.isEmpty) this.answer?.(this.entries.take())
  }

  /** True where the verdict is dealt with. */
  private join(verdict: SentVerdict): boolean {
    const { table } = this.tracker
    const rows = this.find(verdict)
    const [row] = rows
    if (row === undefined) return false
    if (rows.length > 1) this.refuse(verdict, 'ambiguous')
    else if (table.connectionStart(row) > verdict.atUs + startToleranceUs) {
      this.refuse(verdict, 'ended')
    } else {
      this.counters.joined++
      const number = table.book.take(verdict)
      // What says nothing does not take away what was known.
      if (number !== 0 && number !== table.verdict(row)) {
        table.setVerdict(row, number)
        this.tracker.journalState(row)
      }
      if (this.isAsked) this.entries.add(verdict.serial, this.entryOf(row))
    }
    return true
  }

  /** Who opened a connection may have been guessed wrong where its beginning was not seen. */
  private find({ client, clientPort, server, serverPort, ipProtocol }: SentVerdict): number[] {
    const rows = this.findFrom(client, clientPort, server, serverPort, ipProtocol)
    if (rows.length > 0) return rows
    return this.findFrom(server, serverPort, client, clientPort, ipProtocol)
  }

  private hasEnded({ client, clientPort, server, serverPort, ipProtocol }: SentVerdict): boolean {
    this.seek(client, clientPort, server, serverPort, ipProtocol)
    return this.tracker.closed.endOfTuple(hashOf(this.sought, 0)) > 0
  }

  private findFrom(...ends: Parameters<VerdictJoin['seek']>): number[] {
    this.seek(...ends)
    return this.tracker.table.findAtForward(this.sought, 0)
  }

  private seek(
    source: AddressWords,
    sourcePort: number,
    destination: AddressWords,
    destinationPort: number,
    protocol: number
  ): void {
    const { sought } = this
    sought.sourceAddress.set(source)
    sought.destinationAddress.set(destination)
    sought.postNatSourceAddress.set(source)
    sought.postNatDestinationAddress.set(destination)
    sought.sourceTransportPort[0] = sourcePort
    sought.destinationTransportPort[0] = destinationPort
    sought.postNaptDestinationTransportPort[0] = destinationPort
    sought.protocolIdentifier[0] = protocol
    sought.ingressVrfId[0] = 0
  }

  private entryOf(row: number): ConntrackEntry {
    const { table } = this.tracker
    const base = row * rowWords
    const word = (at: number): number => table.words[base + at] ?? 0
    const ports = word(rowLayout.ports)
    const natPorts = word(rowLayout.natPorts)
    const tuple = (source: 0 | 3, port: number, to: 1 | 2, toPort: number): Tuple => ({
      source: { address: table.address(row, source), port },
      destination: { address: table.address(row, to), port: toPort },
    })
    return {
      ipProtocol: word(rowLayout.protocol) & 0xff,
      zone: word(rowLayout.zoneFlags) & 0xffff,
      id: word(rowLayout.conntrackId) >>> 0,
      mark: word(rowLayout.mark) >>> 0,
      startUs: table.connectionStart(row),
      original: tuple(0, ports & 0xffff, 1, ports >>> 16),
      reply: tuple(3, natPorts >>> 16, 2, natPorts & 0xffff),
    }
  }
}
