import type { Bytes } from '../../model/bytes.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 864: the server sends printable characters in their order, mostly lines of 72, each of which
 * begins one further than that before it. What a client sends is ignored. Its answers over UDP are
 * larger than what asked for them, which is why it is used in attacks.
 */
const enough = 32
const lineBytes = 72

/** True where each octet follows that before it, in the order that begins anew after `~`. */
function isRow(bytes: Bytes): boolean {
  if (!bytes.isPrintable(0, enough)) return false
  for (let at = 1; at < Math.min(lineBytes, bytes.length); at++) {
    const [before, octet] = [bytes.u8(at - 1), bytes.u8(at)]
    const follows = octet === before + 1 || (before >= 0x7d && (octet === 0x20 || octet === 0x21))
    if (!follows && octet !== 13) return false
    if (octet === 13) return at >= enough
  }
  return true
}

function classify(flow: FlowView): Answer {
  for (const { bytes } of flow.sides) {
    if (bytes.length < enough) continue
    if (isRow(bytes)) return { confidence: 90, evidence: 'characters in their order' }
  }
  return flow.hasPort(19) ? 'more' : 'never'
}

export const chargen: Protocol = {
  name: 'chargen',
  title: 'Character generator',
  category: 'other',
  transports: ['tcp', 'udp'],
  ports: { tcp: [19], udp: [19] },
  classify,
}
