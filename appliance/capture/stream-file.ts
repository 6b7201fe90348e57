import { statSync } from 'node:fs'
import { Classifier } from '../../classifier/classifier.ts'
import { protocols } from '../../classifier/protocols.ts'
import { PacketDecoder } from '../../collector/capture/decoder.ts'
import type { CaptureSummary, Frame } from '../../collector/capture/frame.ts'
import { beginsAsCapture, readCaptureFile } from '../../collector/capture/pcap-file.ts'
import type { ApplicationsConfig } from '../../model/application-settings.ts'
import type { Log } from '../../model/log.ts'
import type { StreamConfig } from '../../model/stream-settings.ts'
import { requireCapture } from './classify-file.ts'
import { openNaming } from './naming.ts'

/** What a capture is streamed with. */
export interface StreamFile {
  readonly path: string
  readonly applications: ApplicationsConfig
  readonly stream: StreamConfig
  readonly log: Log
  /** Called with where it listens, once it does. */
  readonly listening: (addresses: readonly string[]) => void
  /** So many octets more were read of the file. */
  readonly read?: (octets: number) => void
  /** Rejects where nobody shall be waited for any more. */
  readonly aborted: Promise<never>
}

/** What streaming a capture came to. */
export interface StreamedFile {
  readonly capture: CaptureSummary
  /** Messages that were sent. */
  readonly messages: number
}

/** A file that is no capture is told at once, and not only to who has waited to read its flows. */
function requirePlainCapture(path: string): void {
  if (path === '-' || !statSync(path).isFile() || beginsAsCapture(path)) return
  requireCapture(path, { damage: 'not-a-capture' })
}

/**
 * Streams the flows of a capture to the first who reads, as if they passed now, and ends.
 *
 * @throws FlowledgerError `capture-unreadable` where the file is no capture at all
 */
export async function streamFile(options: StreamFile): Promise<StreamedFile> {
  const { path, applications, stream: config, log, listening, read, aborted } = options
  requirePlainCapture(path)
  const naming = await openNaming({ dataDir: '', applications, stream: config }, log)
  const { stream, events, judge } = naming
  try {
    if (stream === undefined) throw new Error('a stream is opened where one is wanted')
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
    const take = (frame: Frame): void => {
      links?.frame(frame)
      decoder.decode(frame)
      links?.done(decoder.counters)
    }
    const capture = readCaptureFile(path, take, read)
    requireCapture(path, capture)
    decoder.flush()
    stream.hub.tellStatus()
    classifier.finish()
    return { capture, messages: stream.hub.messages }
  } finally {
    await naming.stop()
  }
}
