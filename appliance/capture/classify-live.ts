import { Classifier } from '../../classifier/classifier.ts'
import type { ClassifierEvents, Judge } from '../../classifier/classifier.ts'
import type { Flow } from '../../classifier/flow.ts'
import { protocols } from '../../classifier/protocols.ts'
import { PacketDecoder } from '../../collector/capture/decoder.ts'
import { NflogSource } from '../../collector/capture/nflog-source.ts'
import type { NflogSourceOptions } from '../../collector/capture/nflog-source.ts'

/** Classification of what passes this host, until it is stopped. */
export interface LiveClassification {
  readonly counters: NflogSource['counters']
  /** Connections that are followed now. */
  readonly size: number
  /** Resolves when it has stopped. */
  readonly ended: Promise<void>
  stop(): void
}

/** Who hears of flows as their packets come. */
export interface LiveEvents extends ClassifierEvents {
  /** A packet of the flow was taken. */
  readonly saw?: (flow: Flow) => void
  /** What was read is dealt with. */
  readonly batchEnded?: () => void
}

/** How often it is looked who has been silent for too long (us). */
const expireUs = 1e6

/**
 * Classifies connections by the packets that NFLOG hands over, and tells `events` of them.
 *
 * @param judge names applications; left out: only protocols are found
 * @throws FlowledgerError where the group cannot be had
 */
export function classifyLive(
  options: NflogSourceOptions,
  events: LiveEvents,
  judge?: Judge
): LiveClassification {
  const source = new NflogSource(options)
  const classifier = new Classifier(protocols, events, judge === undefined ? {} : { judge })
  const decoder = new PacketDecoder((packet) => {
    const flow = classifier.take(packet)
    events.saw?.(flow)
  })
  let expiredAt = 0
  const idle = (nowUs: number): void => {
    events.batchEnded?.()
    if (nowUs - expiredAt < expireUs) return
    expiredAt = nowUs
    classifier.expire(nowUs)
  }
  const ended = source
    .run((frame) => decoder.decode(frame), idle)
    .then(() => {
      decoder.flush()
      classifier.finish()
    })
  return {
    get counters() {
      return source.counters
    },
    get size() {
      return classifier.size
    },
    ended,
    stop: () => source.stop(),
  }
}
