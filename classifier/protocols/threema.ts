import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Threema, "Cryptography Whitepaper", chat server protocol, on port 5222 or 443. All of it is
 * random, so only sizes and the port tell it:
 *
 *   client: | key (32) | cookie (16) |              48
 *   server: | cookie (16) | box (64) |              80
 */
const clientHello = 48
const serverHello = 80
/** Random octets: a run of text, zeros or of the same octet is something else. */
const minDistinct = 24

function classify(flow: FlowView): Answer {
  const { client, server } = flow
  if (!flow.hasPort(5222) && !flow.hasPort(443)) return 'never'
  if (client.bytes.length === 0) return 'more'
  if (client.firstSize > clientHello || client.bytes.u8(0) === 0x16) return 'never'
  // Each waits for the other's hello.
  if (client.bytes.length < clientHello) return server.bytes.length > 0 ? 'never' : 'more'
  if (server.bytes.length === 0 && client.bytes.length > clientHello) return 'never'
  if (new Set(client.bytes.subarray(0, clientHello)).size < minDistinct) return 'never'
  if (client.bytes.isPrintable(0, 16)) return 'never'
  if (server.bytes.length < serverHello) return 'more'
  const isAnswer = server.bytes.length === serverHello || server.firstSize === serverHello
  if (!isAnswer) return 'never'
  return { confidence: 75, evidence: 'hellos of 48 and 80 random octets', application: 'threema' }
}

export const threema: Protocol = {
  name: 'threema',
  title: 'Threema',
  category: 'messaging',
  transports: ['tcp'],
  ports: { tcp: [5222] },
  classify,
}
