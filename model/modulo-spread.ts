/**
 * The spread of an address map by low bits: of the low bits of an inside address, as a number, what
 * is left when it is divided by the count of public addresses says which of these it gets. Hosts
 * side by side so have different ones, however a network fills up; and rules need to look at a few
 * bits alone, as `last octet -> public address` does.
 *
 * With M = 2^bits, N public addresses and an inside host at offset o: v = o mod M, its address is
 * v mod N, and its place among those of that address floor(o / M) * ceil(M / N) + floor(v / N).
 */
export interface ModuloSpread {
  /** M: values of the low bits. */
  readonly values: number
  /** N. */
  readonly addresses: number
  /** ceil(M / N): the most values that lead to one address. */
  readonly perAddress: number
}

/** The fullest address may carry this much more than the mean. */
const wantedEvenness = 1.02

/** The fewest low bits that spread so many hosts evenly over so many addresses. */
export function moduloSpread(hosts: number, addresses: number): ModuloSpread {
  let values = 1
  while (values < addresses) values *= 2
  const isEven = (): boolean =>
    (Math.ceil(values / addresses) * addresses) / values <= wantedEvenness
  while (!isEven() && values < hosts) values *= 2
  return { values, addresses, perAddress: Math.ceil(values / addresses) }
}

/** Places that each address has to have for so many hosts. */
export const placesOf = ({ values, perAddress }: ModuloSpread, hosts: number): number =>
  Math.ceil(hosts / values) * perAddress

/** Which public address a host has, and which place on it; both from 0. */
export function spreadOf(
  { values, addresses, perAddress }: ModuloSpread,
  offset: number
): { readonly index: number; readonly place: number } {
  const value = offset % values
  const place = Math.floor(offset / values) * perAddress + Math.floor(value / addresses)
  return { index: value % addresses, place }
}

/** Who has a place on an address; undefined where nobody can. */
export function offsetAt(
  { values, addresses, perAddress }: ModuloSpread,
  index: number,
  place: number
): number | undefined {
  const value = index + (place % perAddress) * addresses
  return value < values ? Math.floor(place / perAddress) * values + value : undefined
}
