import { noSequence } from '../../classifier/flow.ts'
import { tcpFlag } from '../../model/packet.ts'
import type { GtpTunnel, Packet } from '../../model/packet.ts'
import type { SegmentCounts } from '../../model/streamed-flow.ts'

/** What the stream tells of a flow beyond what the classifier keeps: of links, tunnel, segments. */
export class FlowSight implements SegmentCounts {
  resets = 0
  repeated = 0
  gaps = 0
  /** Interfaces by which packets of client and server came in; -1: none seen. */
  clientInterface = -1
  serverInterface = -1
  clientMac: string | undefined
  serverMac: string | undefined
  /** Tunnels that the packets of client and server came through. */
  clientGtp: GtpTunnel | undefined
  serverGtp: GtpTunnel | undefined
  private clientNext = noSequence
  private serverNext = noSequence

  /**
   * Counts a segment of TCP.
   *
   * @returns true where octets before it are missing
   */
  segment(packet: Packet, fromClient: boolean): boolean {
    const { tcpFlags: flags, sequence } = packet
    if ((flags & tcpFlag.rst) !== 0) this.resets++
    const length =
      packet.payload.wireLength +
      ((flags & tcpFlag.syn) === 0 ? 0 : 1) +
      ((flags & tcpFlag.fin) === 0 ? 0 : 1)
    // What only acknowledges shows nothing; of a reset the number may be any.
    if (length === 0 || (flags & tcpFlag.rst) !== 0) return false
    const expected = fromClient ? this.clientNext : this.serverNext
    const next = (sequence + length) >>> 0
    const ahead = expected === noSequence ? 0 : (sequence - expected) | 0
    if (ahead < 0) {
      // A keep-alive asks with the octet before the next one (RFC 9293 §3.8.4).
      if (ahead !== -1 || length !== 1) this.repeated++
      if (((next - expected) | 0) <= 0) return false
    } else if (ahead > 0) this.gaps++
    if (fromClient) this.clientNext = next
    else this.serverNext = next
    return ahead > 0
  }
}
