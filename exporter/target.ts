import type { ExportTarget } from '../model/export-targets.ts'
import type { ColumnMemory } from '../model/column-memory.ts'
import type { FlowBatch } from '../model/flow-batch.ts'
import type { AnnounceFacts } from './announcer.ts'
import { Encoder } from './encoder.ts'
import { noCounters } from './export-counters.ts'
import type { InterfaceName } from './options.ts'
import { Outbox } from './outbox.ts'
import { Pace } from './pace.ts'
import { protocols } from './protocols.ts'
import { RecordKernels } from './record-kernels.ts'
import type { BatchKind } from './row-choice.ts'
import { TargetLost } from './transport.ts'
import type { LossReason, Session, Transport } from './transport.ts'
import { transports } from './transports.ts'
import { streamSlotBytes, streamSlots } from './transports/stream.ts'
import { udpSlots } from './transports/udp.ts'

/** What a target is told of who exports. */
export interface TargetHost {
  /** Id of the process (exportingProcessId). */
  readonly process: number
  /** What SysUptime counts from: whole milliseconds, in us since 1970. */
  readonly bootUs: number
  /** The host's interfaces, as they are now. */
  interfaces(): readonly InterfaceName[]
}

/** A target with its own encoder, session and counters; nothing of it is shared with another. */
export class Target {
  readonly config: ExportTarget
  readonly counters = noCounters()
  /** Sessions that could not be opened or were lost, by reason. */
  readonly losses: Partial<Record<LossReason, number>> = {}
  /** Records, messages and octets that were encoded and could not go. */
  readonly notSent = { records: 0, messages: 0, bytes: 0 }
  sessions = 0
  private readonly host: TargetHost
  private readonly transport: Transport
  private readonly pace: Pace
  private readonly kernels: RecordKernels | undefined
  /** Where an outbox lies that kernels reach. */
  private room: Buffer | undefined
  private session: Session | undefined
  private outbox: Outbox | undefined
  private encoder: Encoder | undefined
  private sequenceKept: number
  private announcedAtUs = 0
  private announcedAtMessage = 0

  /**
   * @param sequence where the sequence of an unreliable transport goes on
   * @param given.transport left out: as configured
   * @param given.memory where batches lie that are told, for compiled kernels to encode them; left
   *   out: they lie anywhere
   */
  constructor(
    config: ExportTarget,
    host: TargetHost,
    sequence = 0,
    given: {
      readonly transport?: Transport | undefined
      readonly memory?: ColumnMemory | undefined
    } = {}
  ) {
    this.config = config
    this.host = host
    this.transport = given.transport ?? transports[config.transport](config)
    this.kernels = given.memory && RecordKernels.over(given.memory)
    this.pace = new Pace(config.rate)
    this.sequenceKept = sequence
  }

  /** Octets that a target takes of the memory that it shares with batches. */
  static bytes({ transport, mtu }: ExportTarget): number {
    return (
      RecordKernels.bytes + (transport === 'udp' ? udpSlots * mtu : streamSlots * streamSlotBytes)
    )
  }

  get isOpen(): boolean {
    return this.session !== undefined
  }

  /** The sequence number of the next message. */
  get sequence(): number {
    return this.encoder?.message.sequence ?? this.sequenceKept
  }

  /** Octets that are sent again where the session is lost. */
  get unsureBytes(): number {
    return this.session?.unsureBytes ?? 0
  }

  /** How long what was sent may still turn out to be refused (us). */
  get settleUs(): number {
    return this.session?.settleUs ?? 0
  }

  /**
   * Looks whether the target has refused what it was sent.
   *
   * @throws TargetLost
   */
  check(): void {
    try {
      this.session?.check()
    } catch (error) {
      throw this.lose(error)
    }
  }

  /**
   * Opens a session and tells templates and options in it.
   *
   * @throws TargetLost
   */
  async open(nowUs: number): Promise<void> {
    try {
      this.session = await this.transport.open()
    } catch (error) {
      throw this.lose(error)
    }
    this.sessions++
    this.prepare(this.session)
    this.announce(nowUs)
  }

  /**
   * Tells a batch. Records may stay in the message under way until {@link flush}.
   *
   * @throws TargetLost
   */
  async tell(batch: FlowBatch, kind: BatchKind, exportUs: number): Promise<void> {
    const { encoder } = this
    if (encoder === undefined) return
    this.renew(exportUs)
    encoder.begin(batch, kind)
    while (!encoder.encode(exportUs)) {
      await this.send()
      this.renew(exportUs)
    }
  }

  /**
   * Sends all that was told; templates and options too when it is time for them.
   *
   * @throws TargetLost
   */
  async flush(exportUs: number): Promise<void> {
    this.renew(exportUs)
    while (this.encoder?.flush(exportUs) === false) await this.send()
    await this.send()
  }

  /** True where the session should end and another begin. */
  isDue(nowUs: number): boolean {
    return this.session?.isDue(nowUs) === true
  }

  /** Ends the session after what was sent. */
  async close(): Promise<void> {
    const { session } = this
    this.forget()
    try {
      await session?.close()
    } catch (error) {
      throw this.lose(error)
    }
  }

  /** Ends a session that is of no use any more, and counts why. */
  private lose(error: unknown): TargetLost {
    const lost =
      error instanceof TargetLost ? error : new TargetLost('unreachable', String(error), error)
    this.losses[lost.reason] = (this.losses[lost.reason] ?? 0) + 1
    const { session } = this
    this.forget()
    void session?.close().catch(() => {})
    return lost
  }

  private forget(): void {
    const { session } = this
    if (session !== undefined) {
      this.notSent.records += session.notSent.records
      this.notSent.messages += session.notSent.messages
      this.notSent.bytes += session.notSent.bytes
    }
    this.sequenceKept = session?.reliable === true ? 0 : this.sequence
    this.session = undefined
    this.encoder = undefined
  }

  private prepare(session: Session): void {
    const { config, host, counters } = this
    const slots = Math.min(session.slots, config.templatePackets)
    if (this.outbox?.slotBytes !== session.slotBytes) {
      this.outbox = new Outbox(slots, session.slotBytes, this.roomOf(slots * session.slotBytes))
    }
    const { outbox } = this
    outbox.clear()
    const protocol = protocols[config.protocol]
    const { bootUs } = host
    const given = { protocol, settings: config, outbox, bootUs, counters, kernels: this.kernels }
    this.encoder = new Encoder(given)
    this.encoder.message.sequence = session.reliable ? 0 : this.sequenceKept
  }

  /** Room for messages where kernels reach it: the same again, for the longest of the target. */
  private roomOf(bytes: number): Buffer | undefined {
    const memory = this.kernels?.memory
    if (memory === undefined) return undefined
    const most = Target.bytes(this.config) - RecordKernels.bytes
    const at = this.room === undefined ? memory.take(most) : -1
    if (at >= 0) this.room = Buffer.from(memory.buffer, at, most)
    return bytes <= (this.room?.length ?? 0) ? this.room?.subarray(0, bytes) : undefined
  }

  private announce(nowUs: number): void {
    this.announcedAtUs = nowUs
    this.announcedAtMessage = this.counters.messages
    this.encoder?.announcer.announce(this.facts())
  }

  private facts(): AnnounceFacts {
    const { messages, bytes, records } = this.counters
    const notSentRecords =
      this.notSent.records + Object.values(this.counters.unsent).reduce((sum, n) => sum + n, 0)
    const statistics = {
      messages,
      bytes,
      records,
      notSentRecords,
      notSentMessages: this.notSent.messages,
      notSentBytes: this.notSent.bytes,
    }
    return { process: this.host.process, interfaces: this.host.interfaces(), statistics }
  }

  /** Tells templates and options again when it is time: by the clock, or by packets. */
  private renew(nowUs: number): void {
    const { templateRefreshUs, templatePackets } = this.config
    const byTime = Math.abs(nowUs - this.announcedAtUs) >= templateRefreshUs
    if (this.session?.reliable === true) {
      if (!byTime) return
      this.announcedAtUs = nowUs
      this.encoder?.announcer.announceOptions(this.facts())
      return
    }
    const packets = this.counters.messages - this.announcedAtMessage
    if (byTime || packets >= templatePackets) this.announce(nowUs)
  }

  private async send(): Promise<void> {
    const { session, outbox } = this
    if (session === undefined || outbox === undefined || outbox.count === 0) return
    if (!session.reliable) await this.pace.wait(outbox.count - outbox.sent)
    try {
      await session.send(outbox)
    } catch (error) {
      throw this.lose(error)
    }
  }
}
