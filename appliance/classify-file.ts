import { Classifier } from '../classifier/classifier.ts'
import type { Flow } from '../classifier/flow.ts'
import { protocols } from '../classifier/protocols.ts'
import type { DecodeCounters } from '../collector/capture/decode-counters.ts'
import { PacketDecoder } from '../collector/capture/decoder.ts'
import type { CaptureSummary } from '../collector/capture/frame.ts'
import { readCaptureFile } from '../collector/capture/pcap-file.ts'

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
 */
export function classifyFile(path: string, ended: (flow: Flow) => void): ClassifiedFile {
  let flows = 0
  const classifier = new Classifier(protocols, {
    ended: (flow) => {
      flows++
      ended(flow)
    },
  })
  const decoder = new PacketDecoder((packet) => classifier.take(packet))
  const capture = readCaptureFile(path, (frame) => decoder.decode(frame))
  decoder.flush()
  classifier.finish()
  return { capture, decoded: decoder.counters, flows }
}
