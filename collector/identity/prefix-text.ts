import { isV4, parseAddress, parsePrefix, parseV4, v4MappedWord } from '../../model/address.ts'
import type { AddressWords, Prefix } from '../../model/address.ts'

const wholeAddress: AddressWords = [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff]

/** An IPv4 address as its own prefix. */
export function v4Prefix(address: number): Prefix {
  return { words: [0, 0, v4MappedWord, address], masks: wholeAddress, length: 128 }
}

/**
 * An address that a host can hold, as its own prefix. Nobody holds the unspecified address,
 * multicast or link-local unicast beyond its link, nor 255.255.255.254 and .255, by which RADIUS
 * leaves the choice to others (RFC 2865 §5.8).
 *
 * @returns undefined where the text is no such address
 */
export function hostPrefix(text: string): Prefix | undefined {
  if (!text.includes(':')) {
    const v4 = parseV4(text)
    return v4 <= 0x00ffffff || v4 >= 0xe0000000 ? undefined : v4Prefix(v4)
  }
  const words = parseAddress(text)
  if (words === undefined || !isHeldV6(words)) return undefined
  return { words, masks: wholeAddress, length: 128 }
}

/**
 * A prefix that somebody was given, such as `2001:db8:1::/56`; bits behind its length are cleared,
 * as RFC 3162 §2.3 has it.
 *
 * @returns undefined where the text is no such prefix, or one that no single customer is given
 */
export function givenPrefix(text: string): Prefix | undefined {
  const slash = text.indexOf('/')
  if (slash < 0) return hostPrefix(text)
  const words = parseAddress(text.slice(0, slash))
  const length = Number(text.slice(slash + 1))
  if (words === undefined || !/^\d{1,3}$/.test(text.slice(slash + 1)) || length > 128) {
    return undefined
  }
  if (isV4(words[0], words[1], words[2])) {
    return length === 32 ? hostPrefix(text.slice(0, slash)) : undefined
  }
  const masks = [0, 1, 2, 3].map((i) => maskWord(length - 32 * i)) as unknown as AddressWords
  const clean = words.map((word, i) => (word & (masks[i] ?? 0)) >>> 0) as unknown as AddressWords
  return length < 16 || !isHeldV6(clean) ? undefined : { words: clean, masks, length }
}

function maskWord(bits: number): number {
  if (bits <= 0) return 0
  return bits >= 32 ? 0xffffffff : (0xffffffff << (32 - bits)) >>> 0
}

const nobodys = ['ff00::/8', 'fe80::/10', '::/96'].map((text) => parsePrefix(text))

function isHeldV6(words: AddressWords): boolean {
  if (isV4(words[0], words[1], words[2])) return words[3] > 0x00ffffff && words[3] < 0xe0000000
  return !nobodys.some(
    (prefix) =>
      prefix !== undefined &&
      prefix.words.every((word, i) => ((words[i] ?? 0) & (prefix.masks[i] ?? 0)) >>> 0 === word)
  )
}
