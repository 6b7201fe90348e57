import { maxFrameBytes } from './frame.ts'
import type { CaptureSummary, Damage, Frame, FrameSink } from './frame.ts'
import { damaged } from './pcap.ts'
import type { Window } from './window.ts'

/*
 * draft-ietf-opsawg-pcapng: blocks, each
 *
 *   0      4        8                    length - 4
 *  | type | length | body ...           | length again |
 *
 * section header:      0x0a0d0d0a  | byte order magic | major | minor | section length |
 * interface:           1           | link type (2) | reserved (2) | snap length | options
 * obsolete packet:     2           | interface (2) | drops (2) | time high, low | captured | wire |
 * simple packet:       3           | wire |
 * enhanced packet:     6           | interface | time high | time low | captured | on the wire |
 *
 * The byte order is that of the section, which its header's magic tells; interfaces are numbered
 * within the section.
 */
export const sectionHeader = 0x0a0d0d0a
const blockType = { interface: 1, packet: 2, simplePacket: 3, enhancedPacket: 6 } as const
const byteOrderMagic = 0x1a2b3c4d

/** Interfaces of one section; a capture of more is not believed. */
const maxInterfaces = 65_536

/** As far as a classic pcap file counts: no clock shows more, and no calendar is asked for it. */
const maxTimeUs = 2 ** 32 * 1e6

interface Interface {
  readonly linkType: number
  readonly snapLength: number
  /** What one tick of its clock is in us, and what is added to its times (us). */
  readonly usPerTick: number
  readonly offsetUs: number
}

interface Section {
  little: boolean
  interfaces: Interface[]
}

/** Reads a pcapng file to its end, or to where it is damaged. */
export function readPcapng(
  window: Window,
  frame: Frame,
  sink: FrameSink,
  summary: CaptureSummary
): void {
  const section: Section = { little: false, interfaces: [] }
  while (window.has(1)) {
    if (!window.has(12)) return damaged(summary, window, 'cut-off')
    const type = window.view.getUint32(window.at, section.little)
    // The type of a section header reads the same in both byte orders.
    if (type === sectionHeader && !openSection(window, section)) {
      return damaged(summary, window, 'not-a-capture')
    }
    const length = window.view.getUint32(window.at + 4, section.little)
    if (length < 12 || length % 4 !== 0) return damaged(summary, window, 'block-length')
    const damage = readBlock(window, type, length, section, frame, sink, summary)
    if (damage !== undefined) return damaged(summary, window, damage)
    if (!window.skip(length)) return damaged(summary, window, 'cut-off')
  }
}

function openSection(window: Window, section: Section): boolean {
  const magic = window.view.getUint32(window.at + 8)
  section.little = magic !== byteOrderMagic
  section.interfaces = []
  return window.view.getUint32(window.at + 8, section.little) === byteOrderMagic
}

/** Blocks without packets may be of any length and are passed over; those with are held whole. */
function readBlock(
  window: Window,
  type: number,
  length: number,
  section: Section,
  frame: Frame,
  sink: FrameSink,
  summary: CaptureSummary
): Damage | undefined {
  const isPacket =
    type === blockType.enhancedPacket ||
    type === blockType.packet ||
    type === blockType.simplePacket
  if (!isPacket && type !== blockType.interface) {
    summary.otherBlocks++
    return undefined
  }
  if (length > maxFrameBytes * 2) return 'record-too-long'
  if (!window.has(length)) return 'cut-off'
  if (type === blockType.interface) {
    if (section.interfaces.length >= maxInterfaces || length < 20) return 'block-length'
    section.interfaces.push(readInterface(window, length, section.little))
    summary.otherBlocks++
    return undefined
  }
  const found = readPacket(window, type, length, section, frame)
  if (found === 'undescribed') {
    summary.undescribed++
    return undefined
  }
  if (found !== undefined) return found
  summary.frames++
  sink(frame)
  return undefined
}

function readPacket(
  window: Window,
  type: number,
  length: number,
  section: Section,
  frame: Frame
): Damage | 'undescribed' | undefined {
  const { view, at } = window
  const { little } = section
  const isSimple = type === blockType.simplePacket
  const fixed = isSimple ? 12 : 28
  if (length < fixed + 4) return 'block-length'
  const index = isSimple
    ? 0
    : type === blockType.packet
      ? view.getUint16(at + 8, little)
      : view.getUint32(at + 8, little)
  const from = section.interfaces[index]
  if (from === undefined) return 'undescribed'
  const room = length - fixed - 4
  const wire = view.getUint32(at + (isSimple ? 8 : 24), little)
  const snapped = from.snapLength === 0 ? wire : Math.min(wire, from.snapLength)
  const captured = isSimple ? Math.min(snapped, room) : view.getUint32(at + 20, little)
  if (captured > room) return 'block-length'
  frame.at = at + fixed
  frame.end = at + fixed + captured
  frame.wireLength = Math.max(captured, wire)
  frame.linkType = from.linkType
  frame.interfaceIndex = index
  if (isSimple) return undefined
  const ticks = view.getUint32(at + 12, little) * 2 ** 32 + view.getUint32(at + 16, little)
  const timeUs = ticks * from.usPerTick + from.offsetUs
  if (timeUs >= 0 && timeUs < maxTimeUs) frame.timeUs = timeUs
  return undefined
}

const option = { end: 0, timeResolution: 9, timeOffset: 14 } as const

/** An interface with its options: | code (2) | length (2) | value, padded to four |. */
function readInterface(window: Window, length: number, little: boolean): Interface {
  const { view, at } = window
  const end = at + length - 4
  let usPerTick = 1
  let offsetUs = 0
  let next = at + 16
  while (next + 4 <= end) {
    const code = view.getUint16(next, little)
    const size = view.getUint16(next + 2, little)
    if (code === option.end || next + 4 + size > end) break
    if (code === option.timeResolution && size >= 1) {
      usPerTick = 1e6 / ticksPerSecond(view.getUint8(next + 4))
    } else if (code === option.timeOffset && size >= 8) {
      offsetUs = Number(view.getBigInt64(next + 4, little)) * 1e6
    }
    next += 4 + ((size + 3) & ~3)
  }
  return {
    linkType: view.getUint16(at + 8, little),
    snapLength: view.getUint32(at + 12, little),
    usPerTick,
    offsetUs,
  }
}

/** The high bit says whether the rest is a power of two or of ten. */
function ticksPerSecond(resolution: number): number {
  return (resolution & 0x80) === 0 ? 10 ** resolution : 2 ** (resolution & 0x7f)
}
