import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * MTProto (core.telegram.org/mtproto), where it is not obfuscated: the transport's beginning, and
 * the first request, which has no key yet:
 *
 *   | ef | length / 4 |             abridged
 *   | ee ee ee ee | length (4, LE) |          intermediate
 *   | length (4, LE) | sequence 0 (4) |       full
 *
 *   then | key 0 (8) | message (8) | length (4, LE) | request (4, LE) |
 *
 *   requests: req_pq 60469778, req_pq_multi be7e8ef1
 *
 * Calls through a relay (tgcalls, "reflector"), over UDP, exactly 40 octets:
 *
 *   | tag (16) | ff, twelve times | fe ff ff ff or ff ff ff ff | query (8) |
 */
const requests = new Set([0x60469778, 0xbe7e8ef1])

function payloadAt(bytes: Bytes): number {
  if (bytes.u8(0) === 0xef) return 2
  return bytes.u32(4) === 0 || bytes.u32(0) === 0xeeeeeeee ? 8 : -1
}

function lookAtStream(bytes: Bytes, fromClient: boolean): Look {
  if (!fromClient) return 'more'
  const first = bytes.u8(0)
  const isKnown = first === 0xef || first === 0xee || (first >= 0x28 && first <= 0x60)
  if (!isKnown || (bytes.length > 1 && first === 0xee && bytes.u8(1) !== 0xee)) return 'no'
  if (bytes.length < 8) return 'more'
  const at = payloadAt(bytes)
  if (at < 0) return 'no'
  if (bytes.length < at + 24) return 'more'
  if (bytes.u32(at) !== 0 || bytes.u32(at + 4) !== 0) return 'no'
  return bytes.u32le(at + 16) < 0x400 && requests.has(bytes.u32le(at + 20)) ? 'yes' : 'no'
}

function lookAtDatagram(bytes: Bytes, flow: FlowView): Look {
  // Neither more nor fewer: the tag in front of it is random.
  const isRun =
    bytes.u32(12) !== 0xffffffff && bytes.u32(16) + bytes.u32(20) + bytes.u32(24) === 3 * 0xffffffff
  if (!isRun) return flow.datagrams.length > 1 ? 'more' : 'no'
  const query = bytes.u32le(28)
  if (query === 0xfffffffe || query === 0xffffffff) return bytes.wireLength >= 32 ? 'yes' : 'no'
  return flow.datagrams.length > 1 ? 'more' : 'no'
}

function look(bytes: Bytes, fromClient: boolean, flow: FlowView): Look {
  return flow.transport === 'tcp' ? lookAtStream(bytes, fromClient) : lookAtDatagram(bytes, flow)
}

const found: Agreement = {
  evidence: 'request without a key, or to a relay',
  application: 'telegram',
}

export const telegram: Protocol = {
  name: 'telegram',
  title: 'Telegram',
  category: 'messaging',
  transports: ['tcp', 'udp'],
  classify: (flow) => agree(flow, look, found),
}
