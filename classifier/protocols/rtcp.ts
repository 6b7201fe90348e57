import { countRtcp, isSecureRtcp } from '../wire/rtp-packet.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Packets are drawn in ../wire/rtp-packet.ts. RFC 3550 §6.1: a datagram holds a report and what
 * describes its source, and they fill it exactly; a report alone is looked for twice.
 */
function classify(flow: FlowView): Answer {
  let count = 0
  for (const { bytes } of flow.datagrams) {
    const packets = isSecureRtcp(bytes) ? 1 : countRtcp(bytes)
    if (packets === 0) return 'never'
    count += packets
  }
  if (count >= 2) return { confidence: 90, evidence: `${count} RTCP packets that fill datagrams` }
  return flow.isLast ? { confidence: 70, evidence: 'an RTCP packet' } : 'more'
}

export const rtcp: Protocol = {
  name: 'rtcp',
  title: 'RTCP',
  category: 'voip',
  transports: ['udp'],
  classify,
}
