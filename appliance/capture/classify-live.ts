import { existsSync } from 'node:fs'
import { Classifier } from '../../classifier/classifier.ts'
import type { ClassifierEvents, Judge } from '../../classifier/classifier.ts'
import type { Flow } from '../../classifier/flow.ts'
import { protocols } from '../../classifier/protocols.ts'
import type { DecodeCounters } from '../../collector/capture/decode-counters.ts'
import { PacketDecoder } from '../../collector/capture/decoder.ts'
import { InterfaceSource } from '../../collector/capture/interface-source.ts'
import { NflogSource } from '../../collector/capture/nflog-source.ts'
import { OneSight } from '../../collector/capture/one-sight.ts'
import type { EntryFinder } from '../../collector/capture/one-sight.ts'
import type { Frame } from '../../collector/capture/frame.ts'
import type {
  PacketSource,
  SourceCounters,
  SourceLosses,
} from '../../collector/capture/packet-source.ts'
import type { FrameWatch } from './link-watch.ts'
import { HeldEnds } from './held-ends.ts'
import { lastPacketsOf } from '../../model/ended-flows.ts'
import type { EndedMessage } from '../../model/ended-flows.ts'
import type { Packet } from '../../model/packet.ts'
import { ConntrackLookup } from '../../netlink/conntrack-lookup.ts'

/** Classification of what passes this host, until it is stopped. */
export interface LiveClassification {
  readonly counters: SourceCounters
  readonly losses: SourceLosses
  /** Frames that were opened, and what was made of them. */
  readonly frames: number
  readonly decoded: DecodeCounters
  /** Packets that several interfaces show, and that were counted once. */
  readonly repeated: number
  /** Connections that were decided early, since too many others were undecided. */
  readonly hurried: number
  /** Connections that are followed now. */
  readonly size: number
  /** Takes connections that are over by what the kernel told. */
  end(message: EndedMessage): void
  /** Resolves when it has stopped. */
  readonly ended: Promise<void>
  stop(): void
}

/** Who hears of flows as their packets come. */
export interface LiveEvents extends ClassifierEvents {
  /** A packet of the flow was taken, which is in the frame; undefined: fragments put together. */
  readonly saw?: (flow: Flow, frame: Frame | undefined) => void
  /** Counts what interfaces show. */
  readonly watch?: FrameWatch | undefined
  /** What was read is dealt with. */
  readonly batchEnded?: () => void
}

/** Where packets come from. */
export interface LiveOptions {
  readonly group: number
  /** Where there are any, these are read and not the group. */
  readonly interfaces?: readonly string[]
  readonly snapLength: number
  /** First packets of each connection that the group gets. */
  readonly packets?: number
  /** Frames after which it stops; left out: it does not. */
  readonly frames?: number | undefined
  /** Wanted receive buffer in octets. */
  readonly receiveBuffer: number
}

/** The kernel's table of connections, where this host has one. */
function openFinder(): EntryFinder | undefined {
  if (!existsSync('/proc/sys/net/netfilter/nf_conntrack_count')) return undefined
  try {
    return new ConntrackLookup()
  } catch {
    // Without the right to ask nothing is known of translations, as on a host without any.
    return undefined
  }
}

function openSource(options: LiveOptions): PacketSource {
  const { interfaces = [], snapLength, receiveBuffer } = options
  if (interfaces.length === 0) return new NflogSource(options)
  return new InterfaceSource({ interfaces, snapLength, receiveBuffer })
}

/** How often it is looked who has been silent for too long (us). */
const expireUs = 1e6

/**
 * Classifies connections by the packets that NFLOG hands over or interfaces show, and tells
 * `events` of them.
 *
 * @param judge names applications; left out: only protocols are found
 * @throws FlowledgerError where the group or an interface cannot be had
 */
export function classifyLive(
  options: LiveOptions,
  events: LiveEvents,
  judge?: Judge
): LiveClassification {
  const source = openSource(options)
  const { interfaces = [], packets } = options
  const classifier = new Classifier(protocols, events, {
    ...(judge === undefined ? {} : { judge }),
    ...(packets === undefined || interfaces.length > 0 ? {} : { packets }),
  })
  const sight = interfaces.length === 0 ? undefined : new OneSight(openFinder())
  let interfaceIndex = 0
  let read: Frame | undefined
  const { watch } = events
  const decoder = new PacketDecoder((packet: Packet) => {
    watch?.packet(packet)
    if (sight?.take(packet, interfaceIndex) === false) return
    const flow = classifier.take(packet)
    events.saw?.(flow, read)
  })
  const ends = new HeldEnds()
  let expiredUs = -Infinity
  const idle = (nowUs: number, isDrained: boolean): void => {
    events.batchEnded?.()
    const monotonicUs = performance.now() * 1000
    for (const message of ends.due(monotonicUs, isDrained)) {
      for (const packet of lastPacketsOf(message)) classifier.isOver(packet)
    }
    if (monotonicUs - expiredUs < expireUs) return
    expiredUs = monotonicUs
    classifier.expire(nowUs)
  }
  const { frames: most = Number.POSITIVE_INFINITY } = options
  let frames = 0
  const ended = source
    .run((frame) => {
      // What comes behind the last one is in the same batch.
      if (frames >= most) return
      if (++frames === most) source.stop()
      interfaceIndex = frame.interfaceIndex
      read = frame
      watch?.frame(frame)
      decoder.decode(frame)
      watch?.done(decoder.counters)
    }, idle)
    .then(() => {
      read = undefined
      decoder.flush()
      classifier.finish()
    })
  return {
    end: (message) => ends.add(message, performance.now() * 1000),
    get counters() {
      return source.counters
    },
    decoded: decoder.counters,
    get frames() {
      return frames
    },
    get losses() {
      return { lost: source.counters.lost, byInterface: source.drops?.() }
    },
    get repeated() {
      return sight?.repeated ?? 0
    },
    get hurried() {
      return classifier.hurried
    },
    get size() {
      return classifier.size
    },
    ended,
    stop: () => source.stop(),
  }
}
