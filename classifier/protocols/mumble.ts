import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Mumble's ping of servers (github.com/mumble-voip/mumble, docs/dev/network-protocol):
 *
 *   client: | 0 (4) | ident (8) |                                             12 octets
 *   server: | version 0, major, minor, patch | ident (8) | users | most users | bandwidth |   24
 *
 * What goes through the tunnel of a connection is TLS, and encrypted over UDP.
 */
function classify(flow: FlowView): Answer {
  const { client, server } = flow
  if (client.bytes.wireLength !== 12 || client.bytes.u32(0) !== 0) return 'never'
  if (client.bytes.u32(4) === 0 && client.bytes.u32(8) === 0) return 'never'
  if (server.bytes.length === 0) return 'more'
  const ident = client.bytes.text(4, 12)
  const isEcho = server.bytes.has(ident, 4) && server.bytes.wireLength === 24
  if (!isEcho || server.bytes.u8(0) > 1) return 'never'
  return { confidence: 95, evidence: 'answer repeats the ident', application: 'mumble' }
}

export const mumble: Protocol = {
  name: 'mumble',
  title: 'Mumble',
  category: 'voip',
  transports: ['udp'],
  ports: { udp: [64738] },
  classify,
}
