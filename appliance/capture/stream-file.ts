import { Classifier } from '../../classifier/classifier.ts'
import { protocols } from '../../classifier/protocols.ts'
import { PacketDecoder } from '../../collector/capture/decoder.ts'
import { readCaptureFile } from '../../collector/capture/pcap-file.ts'
import type { ApplicationsConfig } from '../../model/application-settings.ts'
import type { Log } from '../../model/log.ts'
import type { StreamConfig } from '../../model/stream-settings.ts'
import { openNaming } from './naming.ts'

/** What a capture is streamed with. */
export interface StreamFile {
  readonly path: string
  readonly applications: ApplicationsConfig
  readonly stream: StreamConfig
  readonly log: Log
  /** Called with where it listens, once it does. */
  readonly listening: (addresses: readonly string[]) => void
  /** Rejects where nobody shall be waited for any more. */
  readonly aborted: Promise<never>
}

/**
 * Streams the flows of a capture to the first who reads, as if they passed now, and ends.
 *
 * @returns messages that were sent
 */
export async function streamFile(options: StreamFile): Promise<number> {
  const { path, applications, stream: config, log, listening, aborted } = options
  const naming = await openNaming({ dataDir: '', applications, stream: config }, log)
  const { stream, events, judge } = naming
  try {
    if (stream === undefined) return 0
    const joined = new Promise<void>((resolve) => (stream.hub.joined = resolve))
    listening(stream.addresses)
    await Promise.race([joined, aborted])
    const { links } = naming
    const { decided, ended } = events
    const counted = links?.counted.bind(links)
    const classifier = new Classifier(protocols, { decided, ended, counted }, { judge })
    const decoder = new PacketDecoder((packet) => {
      links?.packet(packet)
      classifier.take(packet)
    })
    readCaptureFile(path, (frame) => {
      links?.frame(frame)
      decoder.decode(frame)
      links?.done(decoder.counters)
    })
    decoder.flush()
    stream.hub.tellStatus()
    classifier.finish()
    return stream.hub.messages
  } finally {
    await naming.stop()
  }
}
