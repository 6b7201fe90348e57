import { maxFrameBytes } from './frame.ts'
import type { CaptureSummary, Frame, FrameSink } from './frame.ts'
import type { Window } from './window.ts'

/*
 * draft-ietf-opsawg-pcap, in the byte order of the machine that wrote it:
 *
 *   0        4        6        8            12           16        20
 *  | magic  | major  | minor  | reserved   | reserved   | snaplen | FCS, link type |
 *
 * then a record for each packet:
 *
 *   0         4                8            12
 *  | seconds | us or ns       | captured   | on the wire | captured octets ...
 */
const headerBytes = 24
const recordBytes = 16

/** By magic as it reads in big endian: is it little endian, and what is the unit of fractions. */
const magics: Readonly<Record<number, { little: boolean; perUs: number; extra: number }>> = {
  0xa1b2c3d4: { little: false, perUs: 1, extra: 0 },
  0xd4c3b2a1: { little: true, perUs: 1, extra: 0 },
  0xa1b23c4d: { little: false, perUs: 1000, extra: 0 },
  0x4d3cb2a1: { little: true, perUs: 1000, extra: 0 },
  // Linux captures of a patched libpcap: eight octets more a record, of which nothing is needed.
  0xa1b2cd34: { little: false, perUs: 1, extra: 8 },
  0x34cdb2a1: { little: true, perUs: 1, extra: 8 },
}

/** True where the four octets begin a classic pcap file. */
export function isPcapMagic(magic: number): boolean {
  return Object.hasOwn(magics, magic)
}

/** Reads a classic pcap file to its end, or to where it is damaged. */
export function readPcap(
  window: Window,
  frame: Frame,
  sink: FrameSink,
  summary: CaptureSummary
): void {
  const { view } = window
  if (!window.has(headerBytes)) return damaged(summary, window, 'cut-off')
  const form = magics[view.getUint32(window.at)]
  if (form === undefined) return damaged(summary, window, 'not-a-capture')
  const { little, perUs, extra } = form
  if (view.getUint16(window.at + 4, little) !== 2) {
    return damaged(summary, window, 'version-unknown')
  }
  frame.linkType = view.getUint32(window.at + 20, little) & 0xffff
  frame.interfaceIndex = 0
  window.skip(headerBytes)
  while (window.has(1)) {
    if (!window.has(recordBytes + extra)) return damaged(summary, window, 'cut-off')
    const { at } = window
    const captured = view.getUint32(at + 8, little)
    if (captured > maxFrameBytes) return damaged(summary, window, 'record-too-long')
    const whole = recordBytes + extra + captured
    if (!window.has(whole)) return damaged(summary, window, 'cut-off')
    const start = window.at
    frame.timeUs = view.getUint32(start, little) * 1e6 + view.getUint32(start + 4, little) / perUs
    frame.at = start + recordBytes + extra
    frame.end = start + whole
    frame.wireLength = Math.max(captured, view.getUint32(start + 12, little))
    summary.frames++
    sink(frame)
    window.at += whole
    window.offset += whole
  }
}

/** Notes where and why reading ended early. */
export function damaged(
  summary: CaptureSummary,
  window: Window,
  damage: NonNullable<CaptureSummary['damage']>
): void {
  summary.damage = damage
  summary.damagedAt = window.offset
}
