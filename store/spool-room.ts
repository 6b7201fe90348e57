import { statfsSync } from 'node:fs'
import type { GapReason } from '../model/coverage.ts'
import { segmentBytes } from '../model/limits.ts'
import { spoolSize } from './spool-segments.ts'

/** How long a look at the disk is good for: others write and remove behind our back (ms). */
const lookMs = 1000
/** The shortest segment that is begun for want of room; the reader frees whole segments. */
const leastSegmentBytes = 256 << 10

/** What a spool may take. */
export interface SpoolBounds {
  readonly directory: string
  /** Octets that all segments together may take. */
  readonly maxBytes: number
  /** Octets of the disk that are left to others; 0 where left out. */
  readonly keepFreeBytes?: number | undefined
}

/** How full a spool is. */
export interface SpoolFill {
  readonly usedBytes: number
  /** Octets that it may grow to: its bound, or what the disk has for it. */
  readonly usableBytes: number
  /** Which of the two it is. */
  readonly bound: GapReason & ('spool-full' | 'disk-full')
}

/** Looks how full a spool is. */
export function spoolFill({ directory, maxBytes, keepFreeBytes = 0 }: SpoolBounds): SpoolFill {
  const usedBytes = spoolSize(directory)
  const { bavail, bsize } = statfsSync(directory)
  const onDisk = usedBytes + Math.max(0, bavail * bsize - keepFreeBytes)
  const bound = onDisk < maxBytes ? 'disk-full' : 'spool-full'
  return { usedBytes, usableBytes: Math.min(maxBytes, onDisk), bound }
}

/** What a spool does without at which fill, in the order in which it is given up. */
export const spoolSteps = [
  /** People are told. What the database has already goes before its time. */
  { from: 0.75, state: 'filling' },
  /** Names of hosts, applications and protocols are left out. */
  { from: 0.9, state: 'without-names' },
  /** Flows that were not translated are left out; NAT events are what is kept longest. */
  { from: 0.95, state: 'nat-only' },
  /** Nothing is taken. */
  { from: 1, state: 'full' },
] as const

export type SpoolState = 'ok' | (typeof spoolSteps)[number]['state']

/** What a spool does at a fill. */
export function spoolState({ usedBytes, usableBytes }: SpoolFill): SpoolState {
  return stateAt(usedBytes, usableBytes)
}

function stateAt(usedBytes: number, usableBytes: number): SpoolState {
  const share = usableBytes === 0 ? 1 : usedBytes / usableBytes
  // Asked for each frame, and mostly so.
  if (share < spoolSteps[0].from) return 'ok'
  return spoolSteps.findLast(({ from }) => share >= from)?.state ?? 'ok'
}

/** The room of a spool as its writer sees it: looked at once a second, added up between. */
export class SpoolRoom {
  readonly #bounds: SpoolBounds
  #fill: SpoolFill
  /** Octets written since that was looked at. */
  #newBytes = 0
  #lookedAtMs = performance.now()

  constructor(bounds: SpoolBounds) {
    this.#bounds = bounds
    this.#fill = spoolFill(bounds)
  }

  get state(): SpoolState {
    const { usedBytes, usableBytes } = this.#fill
    return stateAt(usedBytes + this.#newBytes, usableBytes)
  }

  /** Which bound it would meet first. */
  get bound(): SpoolFill['bound'] {
    return this.#fill.bound
  }

  /** Octets after which a segment ends: short ones where there is little room. */
  get segmentBytes(): number {
    return Math.min(segmentBytes, Math.max(leastSegmentBytes, this.#fill.usableBytes / 8))
  }

  /** Why so many octets more find no room; undefined where they do. */
  refuses(bytes: number): SpoolFill['bound'] | undefined {
    const now = performance.now()
    if (now - this.#lookedAtMs >= lookMs) {
      this.#lookedAtMs = now
      this.#fill = spoolFill(this.#bounds)
      this.#newBytes = 0
    }
    const { usedBytes, usableBytes, bound } = this.#fill
    return usedBytes + this.#newBytes + bytes <= usableBytes ? undefined : bound
  }

  /** So many octets were written. */
  took(bytes: number): void {
    this.#newBytes += bytes
  }
}
