import { DnsHints } from '../../classifier/applications/dns-hints.ts'
import { FlowMemory } from '../../classifier/applications/flow-memory.ts'
import { makeJudge } from '../../classifier/applications/judge.ts'
import type { Namer } from '../../classifier/applications/judge.ts'
import type { RuleKeeper } from '../../classifier/applications/rule-keeper.ts'
import { weigh } from '../../classifier/applications/weigh.ts'
import { Classifier } from '../../classifier/classifier.ts'
import type { ClassifierEvents, Judge } from '../../classifier/classifier.ts'
import type { Flow } from '../../classifier/flow.ts'
import { LocalNetworks } from '../../classifier/local-networks.ts'
import { protocols } from '../../classifier/protocols.ts'
import type { DecodeCounters } from '../../collector/capture/decode-counters.ts'
import { PacketDecoder } from '../../collector/capture/decoder.ts'
import type { CaptureSummary, Frame } from '../../collector/capture/frame.ts'
import { readCaptureFile } from '../../collector/capture/pcap-file.ts'
import { FlowledgerError } from '../../model/errors.ts'

/** What reading a capture came to. */
export interface ClassifiedFile {
  readonly capture: CaptureSummary
  readonly decoded: DecodeCounters
  readonly flows: number
}

/** @throws FlowledgerError `capture-unreadable` where the file is no capture at all */
export function requireCapture(path: string, { damage }: Pick<CaptureSummary, 'damage'>): void {
  if (damage !== 'not-a-capture') return
  throw new FlowledgerError('capture-unreadable', `${path} is no pcap or pcapng file.`, {
    fix: 'Write one with "tcpdump -w FILE"; editcap makes one of other formats.',
  })
}

/** Who hears of a capture's flows before they are over. */
export interface FileEvents extends Pick<ClassifierEvents, 'decided' | 'unrecognised'> {
  /** A packet of the flow was taken, which is in the frame. */
  readonly saw?: (flow: Flow, frame: Frame) => void
  /** So many octets more were read of the file. */
  readonly read?: (octets: number) => void
}

/**
 * Classifies the flows of a capture file; `ended` gets each when it is over, in the order in which
 * they end.
 *
 * @param path of a pcap or pcapng file; `-` is standard input
 * @param keeper rules that name applications; left out: the bytes alone do
 * @param more hears of flows before they are over
 */
export function classifyFile(
  path: string,
  ended: (flow: Flow) => void,
  keeper?: RuleKeeper,
  more: FileEvents = {}
): ClassifiedFile {
  let flows = 0
  const events = {
    ended: (flow: Flow) => {
      flows++
      ended(flow)
    },
    ...more,
  }
  const classifier = new Classifier(protocols, events, keeper === undefined ? {} : judgeBy(keeper))
  const { saw } = more
  let read: Frame | undefined
  const decoder = new PacketDecoder((packet) => {
    const flow = classifier.take(packet)
    if (read !== undefined) saw?.(flow, read)
  })
  const take = (frame: Frame): void => {
    read = frame
    decoder.decode(frame)
  }
  const capture = readCaptureFile(path, take, more.read)
  read = undefined
  decoder.flush()
  classifier.finish()
  return { capture, decoded: decoder.counters, flows }
}

/**
 * What a capture itself says is all that is known of addresses and names. Its flows are not kept
 * for trying other rules on them, as those of a program that goes on are.
 */
export function judgeBy({ rules }: RuleKeeper): { judge: Judge } {
  const keeper: Namer = { rules, judge: (base, dnsNames) => weigh(base, dnsNames, rules) }
  const networks = new LocalNetworks()
  return { judge: makeJudge({ keeper, networks, hints: new DnsHints(), memory: new FlowMemory() }) }
}
