import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { tlsMetadata } from './tls-facts.ts'
import { readClientHello } from './tls-hello.ts'
import { handshakeMessage, readRecords } from './tls-records.ts'

/**
 * The ClientHello that another protocol carries or leads to: a proxy's tunnel, STARTTLS.
 *
 * @param from where in what the client has sent TLS begins
 * @returns what the hello tells; empty while it is not whole, or where there is none
 */
export function tlsWithin(client: Bytes, from: number): Metadata {
  const records = readRecords(client, from)
  const body = records === undefined ? undefined : handshakeMessage(records.handshake, 1)
  const hello = typeof body === 'object' ? readClientHello(body) : undefined
  return hello === undefined ? {} : tlsMetadata({ carrier: 't', client: hello, seenAt: 0 })
}
