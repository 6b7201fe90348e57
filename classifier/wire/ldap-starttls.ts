import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { elementAt } from './der.ts'
import { tlsWithin } from './tls-within.ts'

/** RFC 4511 §4.14: an extended request with this name, then TLS. */
const startTls = '1.3.6.1.4.1.1466.20037'
const maxMessage = 256

/**
 * The TLS hello behind a request to start it.
 *
 * @returns undefined where the client's first message is another; empty while no hello is whole
 */
export function afterStartTls(client: Bytes): Metadata | undefined {
  const message = elementAt(client, 0, maxMessage)
  if (message === undefined || client.find(startTls, message.at, message.end) < 0) return undefined
  return tlsWithin(client, message.end)
}
