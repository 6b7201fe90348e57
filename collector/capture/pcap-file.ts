import { closeSync, openSync, readSync } from 'node:fs'
import { emptyFrame } from './frame.ts'
import type { CaptureSummary, FrameSink } from './frame.ts'
import { damaged, isPcapMagic, readPcap } from './pcap.ts'
import { readPcapng, sectionHeader } from './pcapng.ts'
import { Window } from './window.ts'
import type { ReadInto } from './window.ts'

/** Octets asked of the system at a time: what stays in the processor's cache until it is used. */
const pieceBytes = 1 << 18

/**
 * Reads a capture, pcap or pcapng in either byte order, frame by frame in the memory of one window.
 * A damaged file gives its frames up to the damage, and the summary says where and what that is.
 *
 * @param read where octets come from; called until it returns 0
 * @param sink called with each frame, which it may look at until it returns
 */
export const readCapture = (read: ReadInto, sink: FrameSink): CaptureSummary =>
  readWindow(new Window(read), sink)

/** {@link readCapture} through a window that stands at its beginning. */
export function readWindow(window: Window, sink: FrameSink): CaptureSummary {
  const summary: CaptureSummary = {
    frames: 0,
    otherBlocks: 0,
    undescribed: 0,
    damage: undefined,
    damagedAt: 0,
  }
  const frame = emptyFrame(window.buffer)
  if (!window.has(4)) damaged(summary, window, 'not-a-capture')
  else if (window.view.getUint32(0) === sectionHeader) readPcapng(window, frame, sink, summary)
  else if (isPcapMagic(window.view.getUint32(0))) readPcap(window, frame, sink, summary)
  else damaged(summary, window, 'not-a-capture')
  return summary
}

/** True of what begins as a capture does, by its first four octets. */
const isCaptureMagic = (magic: number): boolean => magic === sectionHeader || isPcapMagic(magic)

/** True of a plain file that begins as a capture does; no more of it is read. */
export function beginsAsCapture(path: string): boolean {
  const descriptor = openSync(path, 'r')
  try {
    const octets = Buffer.alloc(4)
    return readSync(descriptor, octets, 0, 4, 0) === 4 && isCaptureMagic(octets.readUInt32BE(0))
  } finally {
    closeSync(descriptor)
  }
}

/** How long is waited for who writes into a pipe that does not block (ms). */
const pauseMs = 5
const pause = new Int32Array(new SharedArrayBuffer(4))

/** Reads what is there; standard input may be a pipe that says so where nothing is. */
function readPatiently(descriptor: number, into: Uint8Array, at: number, most: number): number {
  for (;;) {
    try {
      return readSync(descriptor, into, at, most, null)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      Atomics.wait(pause, 0, 0, pauseMs)
    }
  }
}

/**
 * {@link readCapture} of a file, or of standard input where the path is `-`.
 *
 * @param watch told how many octets each read brought
 * @throws what opening or reading the file raises
 */
export function readCaptureFile(
  path: string,
  sink: FrameSink,
  watch?: (octets: number) => void
): CaptureSummary {
  const descriptor = path === '-' ? 0 : openSync(path, 'r')
  try {
    const read: ReadInto = (into, at) => {
      const octets = readPatiently(descriptor, into, at, Math.min(into.length - at, pieceBytes))
      watch?.(octets)
      return octets
    }
    return readCapture(read, sink)
  } finally {
    if (path !== '-') closeSync(descriptor)
  }
}
