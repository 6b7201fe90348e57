import type { Context } from 'hono'

/** What the adaptor of node:http hands to the app beside the request. */
interface NodeBindings {
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } }
}

/**
 * The address at the other end of the connection; behind a proxy that is the proxy, since what it
 * says of others could be said by anybody.
 */
export function peerOf(c: Context): string {
  return (c.env as NodeBindings | undefined)?.incoming?.socket?.remoteAddress ?? 'unknown'
}
