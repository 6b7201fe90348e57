import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Tailscale's discovery between peers (github.com/tailscale/tailscale, disco/disco.go); between
 * them goes WireGuard:
 *
 *    0                    6            38           62
 *   | "TS" and a bubble  | key (32)   | nonce (24) | box: tag (16), type, version, ... |
 */
const magic = 'TS\xf0\x9f\x92\xac'
const minBytes = 62 + 16 + 2

function look(bytes: Bytes): Look {
  return bytes.has(magic) && bytes.wireLength >= minBytes ? 'yes' : 'more'
}

const found: Agreement = { evidence: 'magic of discovery', application: 'tailscale' }

/** The first datagrams may be WireGuard's; then it is that. */
function classify(flow: FlowView): Answer {
  const answer = agree(flow, look, found)
  return answer === 'more' ? 'never' : answer
}

export const tailscale: Protocol = {
  name: 'tailscale',
  title: 'Tailscale',
  category: 'vpn',
  transports: ['udp'],
  begins: 'T',
  ports: { udp: [41641] },
  classify,
}
