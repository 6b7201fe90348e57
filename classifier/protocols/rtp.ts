import type { RtpPacket } from '../wire/rtp-packet.ts'
import { hasRtcpHead, readRtp } from '../wire/rtp-packet.ts'
import type { Answer, Datagram, FlowView, Protocol } from './protocol.ts'

/*
 * Packets are drawn in ../wire/rtp-packet.ts. There is no magic, so several packets of one side
 * must be of one source with sequence numbers that grow in small steps. RTCP may stand between them
 * (RFC 5761), STUN that keeps the way open as well. Encrypted RTP (RFC 3711) has the same head.
 */
const enough = 3
const largestStep = 64
const stunMagic = 0x2112a442

const isAside = ({ bytes }: Datagram): boolean =>
  hasRtcpHead(bytes) || (bytes.u8(0) < 2 && bytes.u32(4) === stunMagic)

/** How many packets of a side follow each other. */
function longestRun(packets: readonly RtpPacket[]): number {
  let [longest, run] = [Math.min(packets.length, 1), 1]
  for (const [i, packet] of packets.entries()) {
    const before = packets[i - 1]
    if (before === undefined) continue
    const step = (packet.sequence - before.sequence) & 0xffff
    const follows = before.source === packet.source && step > 0 && step <= largestStep
    run = follows ? run + 1 : 1
    longest = Math.max(longest, run)
  }
  return longest
}

function classify(flow: FlowView): Answer {
  const sent: [RtpPacket[], RtpPacket[]] = [[], []]
  for (const datagram of flow.datagrams) {
    const packet = readRtp(datagram.bytes)
    if (packet !== undefined) sent[datagram.fromClient ? 0 : 1].push(packet)
    else if (!isAside(datagram)) return 'never'
  }
  const [there, back] = [longestRun(sent[0]), longestRun(sent[1])]
  const type = sent[0][0]?.type ?? sent[1][0]?.type
  const evidence = `packets that follow each other, payload type ${type}`
  if (there >= enough || back >= enough)
    return { confidence: there > 1 && back > 1 ? 95 : 90, evidence }
  if (there > 1 && back > 1) return { confidence: 90, evidence }
  if (!flow.isLast) return 'more'
  return there > 1 || back > 1 ? { confidence: 70, evidence } : 'never'
}

export const rtp: Protocol = {
  name: 'rtp',
  title: 'RTP',
  category: 'voip',
  transports: ['udp'],
  classify,
}
