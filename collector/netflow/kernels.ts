import { v4MappedWord } from '../../model/address.ts'
import { ntpSeconds } from './values.ts'

/*
 * Kernels copy one field of many records into one column: the field of the first record is at `at`,
 * that of the next `stride` octets on. Each works on one kind of array alone, which lets V8 make
 * tight loops of them.
 */

/** What kernels need to know of the message beside its octets. */
export interface KernelContext {
  /** When the message was sent by the exporter's clock, corrected as configured (us since 1970). */
  exportUs: number
  /** Milliseconds since the exporter started; -1: the message does not tell. */
  sysUptimeMs: number
  /** When the exporter started (us since 1970), of those whose messages do not tell; 0: unknown. */
  startedUs: number
  /** Added to times that the exporter tells. */
  clockOffsetUs: number
  /** Values that did not fit their column and stand as its highest. */
  clamped: number
}

/** Copies a field of `rows` records into `column` from row `row` on. */
export type Kernel<A> = (
  view: DataView,
  at: number,
  stride: number,
  rows: number,
  column: A,
  row: number,
  context: KernelContext
) => void

export const octetToU8: Kernel<Uint8Array> = (view, at, stride, rows, column, row) => {
  for (let i = 0, from = at; i < rows; i++, from += stride) column[row + i] = view.getUint8(from)
}

export const octetToU16: Kernel<Uint16Array> = (view, at, stride, rows, column, row) => {
  for (let i = 0, from = at; i < rows; i++, from += stride) column[row + i] = view.getUint8(from)
}

export const twoToU16: Kernel<Uint16Array> = (view, at, stride, rows, column, row) => {
  for (let i = 0, from = at; i < rows; i++, from += stride) column[row + i] = view.getUint16(from)
}

export const twoToU32: Kernel<Uint32Array> = (view, at, stride, rows, column, row) => {
  for (let i = 0, from = at; i < rows; i++, from += stride) column[row + i] = view.getUint16(from)
}

export const fourToU32: Kernel<Uint32Array> = (view, at, stride, rows, column, row) => {
  for (let i = 0, from = at; i < rows; i++, from += stride) column[row + i] = view.getUint32(from)
}

export const fourToU64: Kernel<Uint32Array> = (view, at, stride, rows, column, row) => {
  for (let i = 0, from = at; i < rows; i++, from += stride) {
    column[2 * (row + i)] = view.getUint32(from)
    column[2 * (row + i) + 1] = 0
  }
}

export const eightToU64: Kernel<Uint32Array> = (view, at, stride, rows, column, row) => {
  for (let i = 0, from = at; i < rows; i++, from += stride) {
    column[2 * (row + i)] = view.getUint32(from + 4)
    column[2 * (row + i) + 1] = view.getUint32(from)
  }
}

/** An unsigned integer of 1 to 8 octets as a double: exact to 2^53. */
export function uintAt(view: DataView, at: number, length: number): number {
  let value = 0
  for (let i = 0; i < length; i++) value = value * 256 + view.getUint8(at + i)
  return value
}

/** Unsigned integers of any length into a column of numbers up to `most`. */
export function toNumber<A extends Uint8Array | Uint16Array | Uint32Array>(
  length: number,
  most: number
): Kernel<A> {
  return (view, at, stride, rows, column, row, context) => {
    for (let i = 0, from = at; i < rows; i++, from += stride) {
      const value = uintAt(view, from, length)
      if (value > most) context.clamped++
      column[row + i] = Math.min(value, most)
    }
  }
}

/**
 * Octets of an address realm (elements 464 and 465), which are what the implementation likes. Up to
 * four are a number, such as of a VRF or a VLAN; a longer one, such as a name, becomes its FNV-1a
 * hash with the highest bit set, the same on every day: what counts is whether two are the same.
 */
export function toRealm(length: number): Kernel<Uint32Array> {
  return (view, at, stride, rows, column, row) => {
    for (let i = 0, from = at; i < rows; i++, from += stride) {
      column[row + i] = length <= 4 ? uintAt(view, from, length) : hashAt(view, from, length)
    }
  }
}

function hashAt(view: DataView, from: number, length: number): number {
  let hash = 0x811c9dc5
  let any = 0
  for (let at = from; at < from + length; at++) {
    const octet = view.getUint8(at)
    any |= octet
    hash = Math.imul(hash ^ octet, 0x01000193)
  }
  return any === 0 ? 0 : (hash | 0x8000_0000) >>> 0
}

/** Unsigned integers of 1 to 8 octets into a column of u64. */
export function toU64(length: number): Kernel<Uint32Array> {
  const low = Math.min(4, length)
  return (view, at, stride, rows, column, row) => {
    for (let i = 0, from = at; i < rows; i++, from += stride) {
      column[2 * (row + i)] = uintAt(view, from + length - low, low)
      column[2 * (row + i) + 1] = uintAt(view, from, length - low)
    }
  }
}

export const toV4: Kernel<Uint32Array> = (view, at, stride, rows, column, row) => {
  for (let i = 0, from = at, to = 4 * row; i < rows; i++, from += stride, to += 4) {
    column[to] = 0
    column[to + 1] = 0
    column[to + 2] = v4MappedWord
    column[to + 3] = view.getUint32(from)
  }
}

export const toV6: Kernel<Uint32Array> = (view, at, stride, rows, column, row) => {
  for (let i = 0, from = at, to = 4 * row; i < rows; i++, from += stride, to += 4) {
    for (let word = 0; word < 4; word++) column[to + word] = view.getUint32(from + 4 * word)
  }
}

/** An address where it is not all zero: of templates that have a field for each family. */
export function toAddressIfAny(length: number): Kernel<Uint32Array> {
  const copy = length === 4 ? toV4 : toV6
  return (view, at, stride, rows, column, row, context) => {
    for (let i = 0, from = at; i < rows; i++, from += stride) {
      let any = 0
      for (let word = 0; word < length; word += 4) any |= view.getUint32(from + word)
      if (any !== 0) copy(view, from, stride, 1, column, row + i, context)
    }
  }
}

/**
 * Milliseconds since the exporter started (elements 21 and 22). The counter begins anew after 49.7
 * days, so only its distance from the message's own counts, as a signed number of 32 bits.
 */
export const uptimeToUs: Kernel<Float64Array> = (view, at, stride, rows, column, row, context) => {
  const { exportUs, sysUptimeMs, startedUs, clockOffsetUs } = context
  if (sysUptimeMs >= 0) {
    for (let i = 0, from = at; i < rows; i++, from += stride) {
      column[row + i] = exportUs - ((sysUptimeMs - view.getUint32(from)) | 0) * 1000
    }
    return
  }
  for (let i = 0, from = at; i < rows; i++, from += stride) {
    // Nobody has said when it started: unknown, which is not 1970.
    const startUs = startedUs === 0 ? Number.NaN : startedUs + clockOffsetUs
    column[row + i] = startUs + view.getUint32(from) * 1000
  }
}

/** Seconds or milliseconds since 1970, in as many octets as the template says. */
export function sinceEpoch(length: number, unitUs: number): Kernel<Float64Array> {
  return (view, at, stride, rows, column, row, { clockOffsetUs }) => {
    for (let i = 0, from = at; i < rows; i++, from += stride) {
      const value =
        length === 8
          ? view.getUint32(from) * 0x1_0000_0000 + view.getUint32(from + 4)
          : uintAt(view, from, length)
      column[row + i] = value === 0 ? 0 : value * unitUs + clockOffsetUs
    }
  }
}

/** Microseconds before the message was sent (elements 158 and 159). */
export const deltaUs: Kernel<Float64Array> = (view, at, stride, rows, column, row, context) => {
  for (let i = 0, from = at; i < rows; i++, from += stride) {
    column[row + i] = context.exportUs - view.getUint32(from)
  }
}

/** NTP's seconds and fractions (RFC 7011 §6.1.9 and §6.1.10). */
export const ntpToUs: Kernel<Float64Array> = (view, at, stride, rows, column, row, context) => {
  for (let i = 0, from = at; i < rows; i++, from += stride) {
    const seconds = view.getUint32(from)
    const us = Math.round((view.getUint32(from + 4) / 0x1_0000_0000) * 1e6)
    column[row + i] = seconds === 0 ? 0 : ntpSeconds(seconds) * 1e6 + us + context.clockOffsetUs
  }
}

/** RFC 6759 §4: engine and selector, in one number; of engine 20 the selector's low octets. */
export function toApplication(length: number): Kernel<Uint32Array> {
  return (view, at, stride, rows, column, row) => {
    for (let i = 0, from = at; i < rows; i++, from += stride) {
      const selector = uintAt(view, from + 1, length - 1) % 0x100_0000
      column[row + i] = view.getUint8(from) * 0x100_0000 + selector
    }
  }
}

/** The type of ICMP into the high octet. */
export function icmpType(length: number): Kernel<Uint16Array> {
  return (view, at, stride, rows, column, row) => {
    for (let i = 0, from = at; i < rows; i++, from += stride) {
      const low = (column[row + i] ?? 0) & 0xff
      column[row + i] = low | ((uintAt(view, from, length) & 0xff) << 8)
    }
  }
}

/** The code of ICMP into the low octet. */
export function icmpCode(length: number): Kernel<Uint16Array> {
  return (view, at, stride, rows, column, row) => {
    for (let i = 0, from = at; i < rows; i++, from += stride) {
      const high = (column[row + i] ?? 0) & 0xff00
      column[row + i] = high | (uintAt(view, from, length) & 0xff)
    }
  }
}
