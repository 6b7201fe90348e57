import { deflateRawSync } from 'node:zlib'

const u16 = (value: number): number[] => [value & 255, value >> 8]
const u32 = (value: number): number[] => [...u16(value & 0xffff), ...u16(value >>> 16)]

/** A ZIP archive of one file (PKWARE APPNOTE 4.3). */
export function zip(name: string, text: string, method: 0 | 8): Uint8Array {
  const data = method === 0 ? Buffer.from(text) : deflateRawSync(text)
  const sizes = [...u32(0), ...u32(data.length), ...u32(text.length)]
  const common = [
    ...u16(20),
    ...u16(0),
    ...u16(method),
    ...u32(0),
    ...sizes,
    ...u16(name.length),
    0,
    0,
  ]
  const local = Buffer.concat([Buffer.from([0x50, 0x4b, 3, 4, ...common]), Buffer.from(name), data])
  const entry = Buffer.concat([
    Buffer.from([0x50, 0x4b, 1, 2, 20, 0, ...common, ...new Uint8Array(14).fill(0)]),
    Buffer.from(name),
  ])
  const tail = [
    0x50,
    0x4b,
    5,
    6,
    0,
    0,
    0,
    0,
    1,
    0,
    1,
    0,
    ...u32(entry.length),
    ...u32(local.length),
  ]
  return Buffer.concat([local, entry, Buffer.from([...tail, 0, 0])])
}
