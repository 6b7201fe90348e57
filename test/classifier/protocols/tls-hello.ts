import { latin1 } from './talk.ts'

const u16 = (value: number): number[] => [value >> 8, value & 255]
const sized = (body: readonly number[]): number[] => [...u16(body.length), ...body]

/**
 * A ClientHello of TLS 1.2 with a server name, in one record (RFC 5246 §7.4.1.2, RFC 6066 §3).
 *
 * @param padding octets of padding before the name (RFC 7685); left out: none
 */
export function tlsHello(host: string, padding?: number): Uint8Array {
  const name = [0, ...sized([...latin1(host)])]
  const filler =
    padding === undefined ? [] : [...u16(21), ...sized(Array.from({ length: padding }, () => 0))]
  const extensions = sized([...filler, ...u16(0), ...sized(sized(name))])
  const random = Array.from({ length: 32 }, (_, i) => i)
  const body = [3, 3, ...random, 0, ...sized([0xc0, 0x2f, 0x00, 0x9c]), 1, 0, ...extensions]
  const message = [1, 0, ...sized(body)]
  return Uint8Array.from([0x16, 3, 1, ...sized(message)])
}
