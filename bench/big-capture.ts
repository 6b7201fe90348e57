import { closeSync, openSync, readdirSync, writeSync } from 'node:fs'
import { readCaptureFile } from '../collector/capture/pcap-file.ts'

const ethernet = 1
const headerBytes = 24
const recordBytes = 16

/** What was written. */
export interface BigCapture {
  readonly packets: number
  readonly octets: number
}

interface Kept {
  readonly octets: Buffer
  readonly wireLength: number
  readonly timeUs: number
  /** Where its IPv4 or IPv6 header begins; 0 where it is neither. */
  readonly ipAt: number
}

/** Where IP begins behind Ethernet and tags; 0 where it does not. */
function ipOffset(octets: Buffer): number {
  let at = 12
  while (at + 2 <= octets.length && [0x8100, 0x88a8].includes(octets.readUInt16BE(at))) at += 4
  if (at + 22 > octets.length) return 0
  return [0x0800, 0x86dd].includes(octets.readUInt16BE(at)) ? at + 2 : 0
}

function readAll(folder: string): Kept[] {
  const kept: Kept[] = []
  for (const name of readdirSync(folder).sort()) {
    let first = Number.NaN
    readCaptureFile(`${folder}/${name}`, (frame) => {
      if (frame.linkType !== ethernet) return
      const octets = Buffer.from(frame.buffer.subarray(frame.at, frame.end))
      if (Number.isNaN(first)) first = frame.timeUs
      const timeUs = Math.max(0, frame.timeUs - first) % 60e6
      kept.push({ octets, wireLength: frame.wireLength, timeUs, ipAt: ipOffset(octets) })
    })
  }
  return kept
}

/** Gives both ends other addresses, which differ from copy to copy. */
function readdress(octets: Buffer, ipAt: number, copy: number): void {
  if (ipAt === 0) return
  const isV6 = octets[ipAt]! >> 4 === 6
  const [source, destination] = isV6 ? [ipAt + 10, ipAt + 26] : [ipAt + 13, ipAt + 17]
  if (destination >= octets.length) return
  octets[source] = octets[source]! ^ copy
  octets[destination] = octets[destination]! ^ copy
}

/**
 * Writes the Ethernet captures of a folder one behind the other into one pcap file, several times
 * over, with other addresses and a later time in each copy.
 */
export function writeBigCapture(folder: string, path: string, copies: number): BigCapture {
  const kept = readAll(folder)
  const file = openSync(path, 'w')
  let octets = headerBytes
  try {
    const header = Buffer.alloc(headerBytes)
    header.writeUInt32LE(0xa1b2c3d4, 0)
    header.writeUInt16LE(2, 4)
    header.writeUInt16LE(4, 6)
    header.writeUInt32LE(262_144, 16)
    header.writeUInt32LE(ethernet, 20)
    writeSync(file, header)
    for (let copy = 0; copy < copies; copy++) {
      const records = kept.flatMap(({ octets: frame, wireLength, timeUs, ipAt }) => {
        const record = Buffer.alloc(recordBytes)
        const at = 1.7e15 + copy * 60e6 + timeUs
        record.writeUInt32LE(Math.floor(at / 1e6), 0)
        record.writeUInt32LE((at % 1e6) >>> 0, 4)
        record.writeUInt32LE(frame.length, 8)
        record.writeUInt32LE(wireLength, 12)
        const changed = Buffer.from(frame)
        readdress(changed, ipAt, copy)
        return [record, changed]
      })
      const whole = Buffer.concat(records)
      writeSync(file, whole)
      octets += whole.length
    }
  } finally {
    closeSync(file)
  }
  return { packets: kept.length * copies, octets }
}
