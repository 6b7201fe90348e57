import { join } from 'node:path'
import type { Extent } from './extent.ts'
import { SegmentFile } from './segment-file.ts'
import type { SyncOutcome } from './segment-file.ts'
import { listSegments, segmentName } from './spool-segments.ts'

/** How long until a segment that could not be begun is tried again (ms). */
const openAgainMs = 1000

/** The segments that one run of a writer makes, one after the other. */
export class SegmentChain {
  /** Number of the segment that the next frame goes into, unless that is full. */
  segment: number
  readonly #directory: string
  readonly #head: Buffer
  readonly #outcome: SyncOutcome
  #file: SegmentFile | undefined
  #openedAtMs = -Infinity

  /** @param head of each segment */
  constructor(directory: string, head: Buffer, outcome: SyncOutcome) {
    this.#directory = directory
    this.#head = head
    this.#outcome = outcome
    this.segment = (listSegments(directory).at(-1) ?? 0) + 1
  }

  /** Where the next octets go in that segment. */
  get offset(): number {
    return this.#file?.offset ?? 0
  }

  /** Octets that are not safe on disk. */
  get unsynced(): number {
    return this.#file?.unsynced ?? 0
  }

  /**
   * Begins the first segment.
   *
   * @throws Error of the system
   */
  begin(): void {
    this.#file = this.#open(this.segment)
  }

  /**
   * Appends frames, into a new segment once the last has so many octets.
   *
   * @returns false where there is no segment, and none is tried to be begun for a while
   * @throws Error of the system
   */
  append(bytes: Buffer, length: number, extent: Extent, segmentBytes: number): boolean {
    const file = this.#roomy(segmentBytes)
    file?.append(bytes, length, extent)
    return file !== undefined
  }

  /** Nothing more goes into the segment; what stands behind its last whole frames never counts. */
  abandon(): void {
    this.#file?.close()
    this.#file = undefined
    this.segment++
    try {
      this.begin()
    } catch {
      // As for any other segment, it is tried again.
    }
  }

  syncSoon(): void {
    this.#file?.syncSoon()
  }

  /** Forces what was appended to disk; false where the disk has not taken all of it. */
  sync(): Promise<boolean> {
    return this.#file?.sync() ?? Promise.resolve(true)
  }

  close(): void {
    this.#file?.close()
  }

  /** The segment that takes the next frame; the one before is ended once its successor is there. */
  #roomy(segmentBytes: number): SegmentFile | undefined {
    const file = this.#file
    if (file !== undefined && file.offset < segmentBytes) return file
    if (file === undefined && performance.now() - this.#openedAtMs < openAgainMs) return undefined
    this.#openedAtMs = performance.now()
    const next = file === undefined ? this.segment : this.segment + 1
    this.#file = this.#open(next)
    this.segment = next
    file?.close()
    return this.#file
  }

  #open(segment: number): SegmentFile {
    const path = join(this.#directory, segmentName(segment))
    const file: SegmentFile = new SegmentFile(path, this.#head, {
      safe: () => this.#outcome.safe(),
      mended: (error) => this.#outcome.mended(error),
      lost: (error, extent) => {
        this.#outcome.lost(error, extent)
        if (this.#file !== file) return
        // What comes next goes into a new one.
        this.#file = undefined
        this.segment++
      },
    })
    return file
  }
}
