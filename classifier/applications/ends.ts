import type { AddressWords } from '../../model/address.ts'

export function isSameAddress(one: AddressWords, other: AddressWords): boolean {
  return one[3] === other[3] && one[2] === other[2] && one[1] === other[1] && one[0] === other[0]
}

/** A whole number of 32 bits, with its sign, that two addresses lead to. */
export function pairHash(one: AddressWords, other: AddressWords): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < 4; i++) hash = mixed(hash, one[i] as number)
  for (let i = 0; i < 4; i++) hash = mixed(hash, other[i] as number)
  return hash
}

/** Mixes a word into a hash. */
export function mixed(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, 0x9e3779b1)
  return product ^ (product >>> 15)
}
