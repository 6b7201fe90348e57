import { prefixHolds } from '../model/address.ts'
import type { AddressWords, Prefix } from '../model/address.ts'
import type { OwnNetworks } from './dependencies.ts'

const holdsAddress = (prefix: Prefix, ip: AddressWords): boolean => prefixHolds(prefix, ...ip)

/**
 * True where the configuration rules an address out. It can do so only where it lists public
 * prefixes: who lists inside ones alone has not said what is public.
 */
export function isForeign(networks: OwnNetworks | undefined, ip: AddressWords): boolean {
  if (networks === undefined || networks.public.length === 0) return false
  const prefixes = [...networks.inside, ...networks.public.map((entry) => entry.prefix)]
  return !prefixes.some((prefix) => holdsAddress(prefix, ip))
}

/**
 * The sources that see an address, where the longest public prefix around it names any.
 *
 * @returns undefined where nothing is said: then every live source has to have watched
 */
export function sourcesOf(
  networks: OwnNetworks | undefined,
  ip: AddressWords
): readonly string[] | undefined {
  const around = (networks?.public ?? []).filter((entry) => holdsAddress(entry.prefix, ip))
  const longest = Math.max(...around.map((entry) => entry.prefix.length))
  const named = around.filter((entry) => entry.prefix.length === longest)
  const sources = named.flatMap((entry) => (entry.source === undefined ? [] : [entry.source]))
  // A prefix listed both with and without a source says that others may see it too.
  return sources.length === 0 || sources.length < named.length ? undefined : sources
}
