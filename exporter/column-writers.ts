/**
 * The inner loops: each writes one column of a run of records, network order, at one place of every
 * record. A run is what one message takes of rows that share a layout.
 */

/** The arrays that columns are, see model/flow-batch.ts. */
export type Column = Uint8Array | Uint16Array | Uint32Array | Float64Array

/** Records that are being written: which rows, and where each record begins. */
export interface Run {
  readonly view: DataView
  readonly bytes: Buffer
  /** Where record i begins; its fixed fields stand from there. */
  readonly starts: Int32Array
  /** Row of record i: `rows[first + i]`. */
  rows: Int32Array
  first: number
  count: number
}

/** Writes a column, or `constant` where it has none, at `offset` of every record of a run. */
export type ColumnWriter = (run: Run, offset: number, column: Column, constant: number) => void

/** 2^32: what a high word counts. */
const wordRange = 4_294_967_296
/** Seconds from 1900, where NTP begins, to 1970. */
const ntpEpoch = 2_208_988_800
/** Steps of 2048 / 2^32 seconds in a microsecond. */
const stepsPerUs = 2.097152

export const write8: ColumnWriter = (run, offset, column) => {
  const { view, starts, rows, first, count } = run
  for (let i = 0; i < count; i++) {
    view.setUint8((starts[i] ?? 0) + offset, column[rows[first + i] ?? 0] ?? 0)
  }
}

export const write16: ColumnWriter = (run, offset, column) => {
  const { view, starts, rows, first, count } = run
  for (let i = 0; i < count; i++) {
    view.setUint16((starts[i] ?? 0) + offset, column[rows[first + i] ?? 0] ?? 0)
  }
}

export const write32: ColumnWriter = (run, offset, column) => {
  const { view, starts, rows, first, count } = run
  for (let i = 0; i < count; i++) {
    view.setUint32((starts[i] ?? 0) + offset, column[rows[first + i] ?? 0] ?? 0)
  }
}

/** Counters of two words, low word first in the column. */
export const write64: ColumnWriter = (run, offset, column) => {
  const { view, starts, rows, first, count } = run
  for (let i = 0; i < count; i++) {
    const at = (starts[i] ?? 0) + offset
    const word = 2 * (rows[first + i] ?? 0)
    view.setUint32(at, column[word + 1] ?? 0)
    view.setUint32(at + 4, column[word] ?? 0)
  }
}

/** Counters of two words in four octets: what does not fit stands as the highest value. */
export const write64In32: ColumnWriter = (run, offset, column) => {
  const { view, starts, rows, first, count } = run
  for (let i = 0; i < count; i++) {
    const word = 2 * (rows[first + i] ?? 0)
    const value = column[word + 1] === 0 ? (column[word] ?? 0) : 0xffffffff
    view.setUint32((starts[i] ?? 0) + offset, value)
  }
}

/** Numbers of four octets in two: what does not fit stands as 0, which is "not known". */
export const write32In16: ColumnWriter = (run, offset, column) => {
  const { view, starts, rows, first, count } = run
  for (let i = 0; i < count; i++) {
    const value = column[rows[first + i] ?? 0] ?? 0
    view.setUint16((starts[i] ?? 0) + offset, value > 0xffff ? 0 : value)
  }
}

/** samplingPacketSpace (306) of a column that says "one of n": n - 1, and 0 where nothing is. */
export const writeSpace32: ColumnWriter = (run, offset, column) => {
  const { view, starts, rows, first, count } = run
  for (let i = 0; i < count; i++) {
    const value = column[rows[first + i] ?? 0] ?? 0
    view.setUint32((starts[i] ?? 0) + offset, value > 0 ? value - 1 : 0)
  }
}

/** The last word of an address: IPv4. */
export const writeV4: ColumnWriter = (run, offset, column) => {
  const { view, starts, rows, first, count } = run
  for (let i = 0; i < count; i++) {
    view.setUint32((starts[i] ?? 0) + offset, column[4 * (rows[first + i] ?? 0) + 3] ?? 0)
  }
}

export const writeV6: ColumnWriter = (run, offset, column) => {
  const { view, starts, rows, first, count } = run
  for (let i = 0; i < count; i++) {
    const at = (starts[i] ?? 0) + offset
    const word = 4 * (rows[first + i] ?? 0)
    view.setUint32(at, column[word] ?? 0)
    view.setUint32(at + 4, column[word + 1] ?? 0)
    view.setUint32(at + 8, column[word + 2] ?? 0)
    view.setUint32(at + 12, column[word + 3] ?? 0)
  }
}

/** dateTimeMilliseconds (RFC 7011 §6.1.8) of a time in microseconds. */
export const writeMilliseconds: ColumnWriter = (run, offset, column) => {
  const { view, starts, rows, first, count } = run
  for (let i = 0; i < count; i++) {
    const at = (starts[i] ?? 0) + offset
    const ms = Math.floor((column[rows[first + i] ?? 0] ?? 0) / 1000)
    const high = Math.floor(ms / wordRange)
    view.setUint32(at, high)
    view.setUint32(at + 4, ms - high * wordRange)
  }
}

/**
 * dateTimeMicroseconds (RFC 7011 §6.1.9): NTP seconds and a fraction whose lowest 11 bits are 0.
 * The fraction is the next such one above, so that who rounds down and who rounds to the nearest
 * both read the microsecond that it was.
 */
export const writeNtp: ColumnWriter = (run, offset, column) => {
  const { view, starts, rows, first, count } = run
  for (let i = 0; i < count; i++) {
    const at = (starts[i] ?? 0) + offset
    const us = column[rows[first + i] ?? 0] ?? 0
    const seconds = Math.floor(us / 1e6)
    view.setUint32(at, seconds + ntpEpoch)
    view.setUint32(at + 4, Math.ceil((us - seconds * 1e6) * stepsPerUs) * 2048)
  }
}

/** Milliseconds since `constant` (microseconds since 1970), wrapping at 2^32 as SysUptime does. */
export const writeUptime: ColumnWriter = (run, offset, column, constant) => {
  const { view, starts, rows, first, count } = run
  for (let i = 0; i < count; i++) {
    const us = column[rows[first + i] ?? 0] ?? 0
    view.setUint32((starts[i] ?? 0) + offset, Math.floor((us - constant) / 1000))
  }
}

export const constant8: ColumnWriter = (run, offset, _column, constant) => {
  const { view, starts, count } = run
  for (let i = 0; i < count; i++) view.setUint8((starts[i] ?? 0) + offset, constant)
}

export const constant32: ColumnWriter = (run, offset, _column, constant) => {
  const { view, starts, count } = run
  for (let i = 0; i < count; i++) view.setUint32((starts[i] ?? 0) + offset, constant)
}
