import type { Bytes } from '../../model/bytes.ts'
import { hostText } from './tls-hello.ts'

/*
 * Google's QUIC before it took TLS ("QUIC Crypto", 2016). A public header:
 *
 *   | flags | connection id (8, with flag 08) | version (4, with flag 01) | packet number ...
 *
 * and the client's hello, in clear, somewhere behind it:
 *
 *   | "CHLO" | tags (2, LE) | 0 0 | then each: tag (4) | end of its value (4, LE) | values ... |
 */
const maxTags = 64

/** What the client's hello names. */
export interface GoogleHello {
  readonly serverName: string | undefined
  readonly userAgent: string | undefined
}

/** True where the old public header with a version stands: `Q0nn`. */
export function isOldGoogleQuic(bytes: Bytes): boolean {
  const flags = bytes.u8(0)
  if ((flags & 0x09) !== 0x09 || (flags & 0xc0) !== 0) return false
  return bytes.has('Q0', 9) && isDigit(bytes.u8(11)) && isDigit(bytes.u8(12))
}

const isDigit = (octet: number): boolean => octet >= 0x30 && octet <= 0x39

/** Reads the hello wherever it stands in the packet; undefined where there is none. */
export function readGoogleHello(bytes: Bytes): GoogleHello | undefined {
  const at = bytes.find('CHLO')
  if (at < 0) return undefined
  const count = bytes.u16le(at + 4)
  if (count < 1 || count > maxTags) return undefined
  const valuesAt = at + 8 + count * 8
  let serverName: string | undefined
  let userAgent: string | undefined
  let from = valuesAt
  for (let i = 0; i < count; i++) {
    const tagAt = at + 8 + i * 8
    const to = valuesAt + bytes.u32le(tagAt + 4)
    if (to < from) break
    if (bytes.has('SNI\0', tagAt)) serverName = hostText(bytes, from, to)
    else if (bytes.has('UAID', tagAt)) userAgent = bytes.text(from, Math.min(to, from + 200))
    from = to
  }
  return { serverName: serverName === '' ? undefined : serverName, userAgent }
}
