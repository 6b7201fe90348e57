import { parseAddress, prefixHolds } from '../../model/address.ts'
import type { Prefix } from '../../model/address.ts'

/** Who may send accounting: where from, and the secret that it signs with. */
export interface RadiusClient {
  readonly name: string
  readonly prefix: Prefix
  readonly secret: Buffer
}

/** The client whose prefix holds a sender's address; the longest one where several do. */
export function findClient(
  clients: readonly RadiusClient[],
  address: string
): RadiusClient | undefined {
  const words = parseAddress(address.split('%')[0] ?? '')
  if (words === undefined) return undefined
  const [w0, w1, w2, w3] = words
  let found: RadiusClient | undefined
  for (const client of clients) {
    if (!prefixHolds(client.prefix, w0, w1, w2, w3)) continue
    if (found === undefined || client.prefix.length > found.prefix.length) found = client
  }
  return found
}
