import type { Bytes } from '../../model/bytes.ts'
import type { Look } from './look.ts'
import { readNetbiosName } from './netbios-name.ts'

/*
 * RFC 1002 §4.3.1 or MS-SMB2 §2.1, then MS-CIFS §2.2.3.1 or MS-SMB2 §2.2.1:
 *
 *    0   1            4               8
 *   | 0 | length (3) | ff "SMB"      | command | status (4) | ...                      SMB 1
 *                    | fe "SMB"      | 64 (2, little endian) | ... | command (2) at 12  SMB 2, 3
 *                    | fd, fc "SMB"  | encrypted, compressed
 */
const smallest = 32
const longest = 0x1000000

/** Behind a session request that is whole; -1 where there is none. */
export function sessionEnd(bytes: Bytes): number {
  if (bytes.u8(0) !== 0x81) return -1
  const called = readNetbiosName(bytes, 4)
  const calling = called === undefined ? undefined : readNetbiosName(bytes, called.end)
  return calling !== undefined && bytes.u16(2) + 4 === calling.end ? calling.end : -1
}

/** Where SMB begins: behind a session request or its answer, if there is one. */
export function smbStart(bytes: Bytes): number {
  if (bytes.u8(0) === 0x82) return bytes.u24(1) === 0 ? 4 : -1
  return bytes.u8(0) === 0x81 ? sessionEnd(bytes) : 0
}

/** Whether a message of SMB stands at a place. */
export function lookForSmb(bytes: Bytes, at: number): Look {
  const first = bytes.u8(at)
  if (first !== 0) return first < 0 ? 'more' : 'no'
  const length = bytes.u24(at + 1)
  if (length >= 0 && (length < smallest || length >= longest)) return 'no'
  const kind = bytes.u8(at + 4)
  if (kind < 0) return 'more'
  if (kind < 0xfc) return 'no'
  if (!bytes.mayHave('SMB', at + 5)) return 'no'
  return bytes.length < at + 8 ? 'more' : 'yes'
}

/** Version that a message of the server speaks or chooses: `1`, `2.1`, `3.1.1`. */
export function smbVersion(bytes: Bytes, at: number): string | undefined {
  if (bytes.u8(at + 4) === 0xff) return '1'
  if (bytes.u8(at + 4) !== 0xfe || bytes.u16le(at + 16) !== 0) return undefined
  const dialect = bytes.u16le(at + 4 + 64 + 4)
  if (dialect < 0x0202 || dialect > 0x03ff || dialect === 0x02ff) return undefined
  const [major, minor, patch] = [dialect >> 8, (dialect >> 4) & 15, dialect & 15]
  if (dialect === 0x0202) return '2.0.2'
  return patch === 0 || major === 2 ? `${major}.${minor}` : `${major}.${minor}.${patch}`
}
