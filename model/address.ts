import { FlowledgerError } from './errors.ts'

/**
 * An IP address as four 32-bit words in network order. IPv4 is held v4-mapped (RFC 4291 §2.5.5.2):
 * words 0, 0, 0xffff, address. So both families have one shape and one way to compare.
 */
export type AddressWords = readonly [number, number, number, number]

/** The third word of a v4-mapped address. */
export const v4MappedWord = 0xffff

/** True where the words hold an IPv4 address (v4-mapped). */
export function isV4(w0: number, w1: number, w2: number): boolean {
  return w0 === 0 && w1 === 0 && w2 === v4MappedWord
}

/**
 * Four decimal octets, nothing else: `010.0.0.1`, `0x7f.1` and `1.2.3` are refused, since other
 * programs read them as other hosts.
 *
 * @returns the address as an unsigned 32-bit number, or -1
 */
export function parseV4(text: string, from = 0, to = text.length): number {
  let address = 0
  let octets = 0
  let at = from
  while (octets < 4) {
    const first = at
    let octet = 0
    while (at < to) {
      const digit = text.charCodeAt(at) - 48
      if (digit < 0 || digit > 9) break
      octet = octet * 10 + digit
      at++
    }
    const digits = at - first
    if (digits === 0 || digits > 3 || octet > 255) return -1
    if (digits > 1 && text.charCodeAt(first) === 48) return -1
    address = address * 256 + octet
    octets++
    if (octets < 4 && (at >= to || text.charCodeAt(at++) !== 46)) return -1
  }
  return at === to ? address : -1
}

/** The eight groups of RFC 4291 §2.2, `::` once, a dotted IPv4 tail allowed; else undefined. */
function parseV6Groups(text: string): number[] | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const parts = halves.map((half) => (half === '' ? [] : half.split(':')))
  const groups: number[][] = []
  for (const [index, list] of parts.entries()) {
    const out: number[] = []
    for (const [position, group] of list.entries()) {
      const last = index === parts.length - 1 && position === list.length - 1
      if (last && group.includes('.')) {
        const v4 = parseV4(group)
        if (v4 < 0) return undefined
        out.push(Math.floor(v4 / 65536), v4 % 65536)
      } else {
        if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined
        out.push(Number.parseInt(group, 16))
      }
    }
    groups.push(out)
  }
  const head = groups[0] ?? []
  if (halves.length === 1) return head.length === 8 ? head : undefined
  const tail = groups[1] ?? []
  const missing = 8 - head.length - tail.length
  if (missing < 1) return undefined
  return [...head, ...Array.from({ length: missing }, () => 0), ...tail]
}

/**
 * Reads an IPv4 or IPv6 address. `::ffff:192.0.2.1` is the IPv4 address 192.0.2.1. Zones
 * (`fe80::1%eth0`), brackets and white space are refused.
 *
 * @returns undefined where the text is no address
 */
export function parseAddress(text: string): AddressWords | undefined {
  if (text.length > 45) return undefined
  if (!text.includes(':')) {
    const v4 = parseV4(text)
    return v4 < 0 ? undefined : [0, 0, v4MappedWord, v4]
  }
  const groups = parseV6Groups(text)
  if (groups === undefined) return undefined
  const word = (index: number): number =>
    ((groups[index] ?? 0) * 65536 + (groups[index + 1] ?? 0)) >>> 0
  return [word(0), word(2), word(4), word(6)]
}

/** As {@link parseAddress}, with an error that names what was given. */
export function requireAddress(text: string): AddressWords {
  const words = parseAddress(text)
  if (words === undefined) {
    throw new FlowledgerError('address-invalid', `"${text.slice(0, 60)}" is not an IP address.`, {
      fix: 'Write IPv4 as four decimal octets without leading zeros, IPv6 as in RFC 4291.',
    })
  }
  return words
}

/** Octets in decimal: to look them up is quicker than to write them. */
const decimals: readonly string[] = Array.from({ length: 256 }, (_, octet) => String(octet))

const decimal = (octet: number): string => decimals[octet & 255] as string

/** Addresses written lately: one host has many connections. A power of two. */
const slots = 4096
const recent = new Uint32Array(slots)
const recentTexts: string[] = Array.from({ length: slots }, () => '0.0.0.0')

/** Dotted IPv4 of an unsigned 32-bit number. */
export function formatV4(address: number): string {
  const slot = Math.imul(address, 0x9e3779b1) >>> 20
  if (recent[slot] === address) return recentTexts[slot] as string
  const low = `${decimal(address >>> 8)}.${decimal(address)}`
  const text = `${decimal(address >>> 24)}.${decimal(address >>> 16)}.${low}`
  recent[slot] = address
  recentTexts[slot] = text
  return text
}

/** The text form: dotted for IPv4, RFC 5952 (lower case, longest run of zeros as `::`) for IPv6. */
export function formatAddress(w0: number, w1: number, w2: number, w3: number): string {
  if (isV4(w0, w1, w2)) return formatV4(w3)
  const groups = [w0, w1, w2, w3].flatMap((word) => [word >>> 16, word & 0xffff])
  let bestAt = -1
  let bestLength = 1
  for (let at = 0; at < 8; at++) {
    let length = 0
    while (at + length < 8 && groups[at + length] === 0) length++
    if (length > bestLength) {
      bestAt = at
      bestLength = length
    }
  }
  const hex = groups.map((group) => group.toString(16))
  if (bestAt < 0) return hex.join(':')
  return `${hex.slice(0, bestAt).join(':')}::${hex.slice(bestAt + bestLength).join(':')}`
}

/** The 4 or 16 octets of an address. */
export function octetsOfAddress(words: AddressWords): Buffer {
  const octets = Buffer.alloc(16)
  for (const [index, word] of words.entries()) octets.writeUInt32BE(word, 4 * index)
  return isV4(words[0], words[1], words[2]) ? octets.subarray(12) : octets
}

/** {@link formatAddress} of a tuple of words. */
export function formatWords(words: AddressWords): string {
  return formatAddress(words[0], words[1], words[2], words[3])
}

/** An address prefix; `length` counts bits of the 128-bit (v4-mapped) form. */
export interface Prefix {
  readonly words: AddressWords
  readonly masks: AddressWords
  readonly length: number
}

/** The 32-bit mask of a word of which `bits` (clamped to 0..32) belong to the prefix. */
function maskWord(bits: number): number {
  if (bits <= 0) return 0
  return bits >= 32 ? 0xffffffff : (0xffffffff << (32 - bits)) >>> 0
}

/**
 * Reads `10.0.0.0/8` or `2001:db8::/32`; a bare address is its own prefix. Bits set behind the
 * prefix are refused: `10.1.0.0/8` is more likely a typing error than a wish.
 */
export function parsePrefix(text: string): Prefix | undefined {
  const [addressText = '', lengthText, ...rest] = text.split('/')
  const words = parseAddress(addressText)
  if (words === undefined || rest.length > 0) return undefined
  const width = isV4(words[0], words[1], words[2]) ? 32 : 128
  if (lengthText !== undefined && !/^(0|[1-9]\d{0,2})$/.test(lengthText)) return undefined
  const given = lengthText === undefined ? width : Number(lengthText)
  if (given > width) return undefined
  const length = given + 128 - width
  const masks = [0, 1, 2, 3].map((i) => maskWord(length - 32 * i)) as unknown as AddressWords
  const clean = words.every((word, i) => (word & ~(masks[i] ?? 0)) === 0)
  return clean ? { words, masks, length } : undefined
}

/** True where the address lies in the prefix. */
export function prefixHolds(
  prefix: Prefix,
  w0: number,
  w1: number,
  w2: number,
  w3: number
): boolean {
  const { words, masks } = prefix
  return (
    (w0 & masks[0]) >>> 0 === words[0] &&
    (w1 & masks[1]) >>> 0 === words[1] &&
    (w2 & masks[2]) >>> 0 === words[2] &&
    (w3 & masks[3]) >>> 0 === words[3]
  )
}
