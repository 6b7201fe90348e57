import { DnsHints } from '../../classifier/applications/dns-hints.ts'
import { FlowMemory } from '../../classifier/applications/flow-memory.ts'
import { makeJudge } from '../../classifier/applications/judge.ts'
import type { RuleKeeper } from '../../classifier/applications/rule-keeper.ts'
import { Classifier } from '../../classifier/classifier.ts'
import type { ClassifierEvents, Judge } from '../../classifier/classifier.ts'
import type { Flow } from '../../classifier/flow.ts'
import { LocalNetworks } from '../../classifier/local-networks.ts'
import { protocols } from '../../classifier/protocols.ts'
import type { DecodeCounters } from '../../collector/capture/decode-counters.ts'
import { PacketDecoder } from '../../collector/capture/decoder.ts'
import type { CaptureSummary } from '../../collector/capture/frame.ts'
import { readCaptureFile } from '../../collector/capture/pcap-file.ts'

/** What reading a capture came to. */
export interface ClassifiedFile {
  readonly capture: CaptureSummary
  readonly decoded: DecodeCounters
  readonly flows: number
}

/**
 * Classifies the flows of a capture file; `ended` gets each when it is over, in the order in which
 * they end.
 *
 * @param path of a pcap or pcapng file; `-` is standard input
 * @param keeper rules that name applications; left out: the bytes alone do
 * @param unrecognised gets those that nothing recognised, with what was said in them
 */
export function classifyFile(
  path: string,
  ended: (flow: Flow) => void,
  keeper?: RuleKeeper,
  unrecognised?: ClassifierEvents['unrecognised']
): ClassifiedFile {
  let flows = 0
  const events = {
    ended: (flow: Flow) => {
      flows++
      ended(flow)
    },
    ...(unrecognised === undefined ? {} : { unrecognised }),
  }
  const classifier = new Classifier(protocols, events, keeper === undefined ? {} : judgeBy(keeper))
  const decoder = new PacketDecoder((packet) => classifier.take(packet))
  const capture = readCaptureFile(path, (frame) => decoder.decode(frame))
  decoder.flush()
  classifier.finish()
  return { capture, decoded: decoder.counters, flows }
}

/** What a capture itself says is all that is known of addresses and names. */
function judgeBy(keeper: RuleKeeper): { judge: Judge } {
  const networks = new LocalNetworks()
  return { judge: makeJudge({ keeper, networks, hints: new DnsHints(), memory: new FlowMemory() }) }
}
