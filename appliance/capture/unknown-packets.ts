import type { Flow } from '../../classifier/flow.ts'
import type { Frame } from '../../collector/capture/frame.ts'
import { emptyFrame } from '../../collector/capture/frame.ts'
import { PcapFolder } from '../../collector/capture/pcap-writer.ts'
import type { UnknownPacketsConfig } from '../../model/capture-settings.ts'

/** Octets that are held of connections whose protocol is being looked for. */
const heldOctets = 8 << 20

/** The first packets of a connection. */
interface Held {
  readonly frames: Frame[]
  packets: number
  isUnknown: boolean
}

/** What was counted; `notHeld`: flows whose packets had to go before it was known what they are. */
export interface UnknownPacketCounts {
  readonly flows: number
  readonly packets: number
  readonly failed: number
  readonly notHeld: number
}

/**
 * Keeps the first packets of connections that nothing recognised, for who wants to study them. The
 * packets of every connection are held until it is known what it is, in bounded memory: the table
 * before goes as a whole when the one at hand is half full.
 */
export class UnknownPackets {
  private readonly folder: PcapFolder
  private readonly packets: number
  private readonly snapLength: number
  private lately = new Map<Flow, Held>()
  private before = new Map<Flow, Held>()
  private octets = 0
  private flows = 0
  private notHeld = 0
  private flushedMs = 0

  /** @throws where the directory cannot be made or read */
  constructor(config: UnknownPacketsConfig, snapLength: number, warn: (text: string) => void) {
    this.packets = config.packets
    this.snapLength = snapLength
    this.folder = new PcapFolder({ ...config, snapLength }, warn)
  }

  get counts(): UnknownPacketCounts {
    const { written, failed } = this.folder.counters
    return { flows: this.flows, packets: written, failed, notHeld: this.notHeld }
  }

  /** Takes a packet of the flow, in its frame. */
  saw(flow: Flow, frame: Frame): void {
    const known = this.heldOf(flow)
    if (flow.classification !== undefined && known?.isUnknown !== true) return
    if (known !== undefined && known.packets >= this.packets) return
    const held = known ?? { frames: [], packets: 0, isUnknown: false }
    held.packets++
    if (known === undefined) this.lately.set(flow, held)
    if (held.isUnknown) {
      this.write(held)
      this.folder.write(frame)
      return
    }
    const length = Math.min(frame.end - frame.at, this.snapLength)
    const copy = emptyFrame(frame.buffer.slice(frame.at, frame.at + length))
    const { timeUs, linkType, wireLength } = frame
    held.frames.push(Object.assign(copy, { end: length, timeUs, linkType, wireLength }))
    this.octets += length + 200
    if (this.octets > heldOctets / 2) this.age()
  }

  /** Nothing recognised it: its packets are written, those to come too. */
  unrecognised(flow: Flow): void {
    const held = this.heldOf(flow) ?? { frames: [], packets: 0, isUnknown: true }
    held.isUnknown = true
    this.flows++
    this.lately.set(flow, held)
  }

  /** It is known what it is. */
  decided(flow: Flow): void {
    if (this.heldOf(flow)?.isUnknown === true) return
    this.lately.delete(flow)
    this.before.delete(flow)
  }

  ended(flow: Flow): void {
    const held = this.heldOf(flow)
    if (held?.isUnknown === true) this.write(held)
    this.lately.delete(flow)
    this.before.delete(flow)
  }

  /** Writes what was gathered, about once a second. */
  pause(): void {
    if (Date.now() - this.flushedMs < 1000) return
    this.flushedMs = Date.now()
    this.folder.flush()
  }

  close(): void {
    for (const held of [...this.before.values(), ...this.lately.values()]) {
      if (held.isUnknown) this.write(held)
    }
    this.folder.close()
  }

  private heldOf(flow: Flow): Held | undefined {
    return this.lately.get(flow) ?? this.before.get(flow)
  }

  private write(held: Held): void {
    for (const frame of held.frames) this.folder.write(frame)
    held.frames.length = 0
  }

  private age(): void {
    for (const held of this.before.values()) {
      if (held.isUnknown) this.write(held)
      else this.notHeld++
    }
    this.before = this.lately
    this.lately = new Map()
    this.octets = 0
  }
}
