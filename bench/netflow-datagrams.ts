/** Datagrams of an exporter that benches send and decode: 24 records of 18 fields each. */

/** Element and octets of each field: a record of 61 octets, as routers with NAT send them. */
export const benchFields: readonly (readonly [id: number, length: number])[] = [
  [8, 4],
  [12, 4],
  [225, 4],
  [226, 4],
  [7, 2],
  [11, 2],
  [227, 2],
  [228, 2],
  [4, 1],
  [5, 1],
  [6, 1],
  [1, 4],
  [2, 4],
  [10, 4],
  [14, 4],
  [22, 4],
  [21, 4],
  [61, 1],
]

export const benchRecords = 24
const recordBytes = benchFields.reduce((sum, [, length]) => sum + length, 0)

function writeRecord(out: Buffer, from: number, uptimeMs: number, seed: number): void {
  let at = from
  for (const [id, length] of benchFields) {
    const value =
      id === 22
        ? uptimeMs - 5000
        : id === 21
          ? uptimeMs - 1000
          : id === 4
            ? 6
            : Math.floor(Math.abs(Math.sin(seed * 31 + id)) * 2 ** Math.min(31, 8 * length)) | 1
    out.writeUIntBE(value % 2 ** (8 * length), at, length)
    at += length
  }
}

/** A datagram of v9 or IPFIX with data of template 256, or with the template alone. */
export function makeDatagram(version: 9 | 10, sequence: number, isTemplate: boolean): Buffer {
  const head = version === 9 ? 20 : 16
  const body = isTemplate ? 4 + 4 * benchFields.length : benchRecords * recordBytes
  const out = Buffer.alloc(head + 4 + body)
  const seconds = Math.floor(Date.now() / 1000)
  const uptimeMs = 3_600_000
  out.writeUInt16BE(version, 0)
  out.writeUInt16BE(version === 9 ? (isTemplate ? 1 : benchRecords) : out.length, 2)
  if (version === 9) out.writeUInt32BE(uptimeMs, 4)
  out.writeUInt32BE(seconds, version === 9 ? 8 : 4)
  out.writeUInt32BE(sequence, version === 9 ? 12 : 8)
  out.writeUInt16BE(isTemplate ? (version === 9 ? 0 : 2) : 256, head)
  out.writeUInt16BE(4 + body, head + 2)
  if (isTemplate) {
    out.writeUInt16BE(256, head + 4)
    out.writeUInt16BE(benchFields.length, head + 6)
    for (const [index, [id, length]] of benchFields.entries()) {
      // IPFIX has no sysUptime: the times of its records are seconds.
      const timed = version === 10 && (id === 21 || id === 22) ? id + 129 : id
      out.writeUInt16BE(timed === 151 ? 150 : timed === 150 ? 151 : timed, head + 8 + 4 * index)
      out.writeUInt16BE(length, head + 10 + 4 * index)
    }
    return out
  }
  for (let record = 0; record < benchRecords; record++) {
    const at = head + 4 + record * recordBytes
    writeRecord(out, at, version === 9 ? uptimeMs : seconds, sequence + record)
  }
  if (version === 10) {
    for (let record = 0; record < benchRecords; record++) {
      const at = head + 4 + record * recordBytes + recordBytes - 9
      out.writeUInt32BE(seconds - 5, at)
      out.writeUInt32BE(seconds - 1, at + 4)
    }
  }
  return out
}
