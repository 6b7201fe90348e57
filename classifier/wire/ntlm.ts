import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'

/*
 * MS-NLMP §2.2.1.3, little endian; each field is | length (2) | room (2) | offset (4) |:
 *
 *    0            8       12   20   28       36     44            52       60
 *   | "NTLMSSP" 0 | 3 (4) | LM | NT | domain | user | workstation | key    | flags |
 */
const magic = 'NTLMSSP\0'
const maxNameBytes = 512

/** Who logs in by NTLM, if the octets hold the message that says so. */
export function ntlmUser(bytes: Bytes, from = 0): Metadata {
  let at = bytes.find(magic, from)
  while (at >= 0 && bytes.u32le(at + 8) !== 3) at = bytes.find(magic, at + 8)
  if (at < 0) return {}
  const isUnicode = (bytes.u8(at + 60) & 1) === 1
  const field = (place: number): string => {
    const length = bytes.u16le(at + place)
    const begin = at + bytes.u32le(at + place + 4)
    if (length <= 0 || length > maxNameBytes || begin + length > bytes.length) return ''
    const octets = Buffer.from(bytes.subarray(begin, begin + length))
    return octets.toString(isUnicode ? 'utf16le' : 'latin1')
  }
  const [realm, userName] = [field(28), field(36)]
  return { ...(userName === '' ? {} : { userName }), ...(realm === '' ? {} : { realm }) }
}
