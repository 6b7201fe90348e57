import { release } from 'node:os'

/** What a kernel does with an element that is added again. */
export type Renewal = 'add' | 'replace' | 'none'

/**
 * How the timeout of an element is renewed: adding it again does since Linux 6.12; before, it is
 * taken out and put in within one transaction, which needs NFT_MSG_DESTROYSETELEM of Linux 6.3.
 *
 * @param version as uname(2) has it
 */
export function renewalOf(version: string): Renewal {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10))
  const number = major * 1000 + minor
  if (number >= 6012) return 'add'
  return number >= 6003 ? 'replace' : 'none'
}

/** How this kernel does. */
export const renewal: Renewal = renewalOf(release())
