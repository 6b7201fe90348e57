import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { numberOf, Reader } from '../exporter/reading.ts'

/** The serials of the flows that files of IPFIX tell of, the last of which is being written. */
export function exportedIn(directory: string): Set<bigint> {
  const told = new Set<bigint>()
  for (const name of existsSync(directory) ? readdirSync(directory) : []) {
    const bytes = readFileSync(join(directory, name))
    const reader = new Reader()
    const lengthAt = (at: number): number =>
      at + 4 <= bytes.length ? bytes.readUInt16BE(at + 2) : Infinity
    for (let at = 0; at + lengthAt(at) <= bytes.length; at += lengthAt(at)) {
      const { records } = reader.read(bytes.subarray(at, at + lengthAt(at)))
      for (const record of records) told.add(numberOf(record.get('148')))
    }
  }
  return told
}
