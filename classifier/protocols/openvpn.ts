import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * OpenVPN, doc/doxygen "Network protocol"; over TCP each packet behind its length (2):
 *
 *    0                      1
 *   | opcode (5) | key (3) | session (8) | [HMAC 16 .. 64 | packet (4) | time (4)] |
 *   | acknowledged: n | n packets (4) | session of the peer (8), if n > 0 | message (4) | payload |
 *
 * opcodes: 1, 7, 10 the client begins; 2, 8 the server does; 3 renews; 4 control, 5 acknowledge,
 * 6, 9 data. With a tls-crypt key it is, with the rest encrypted:
 *
 *   | opcode, key | session (8) | packet (4) | time (4) | tag (32) | ...
 *
 * A first packet has packet number 1 (of 10: 0f000001 as well), key 0 and message 0.
 */
const clientReset = new Set([1, 7, 10])
const serverReset = new Set([2, 8])
const hmacSizes = [0, 16, 20, 28, 32, 48, 64]
const maxRetries = 32
const maxAcknowledged = 8
const earlyNegotiation = 0x0f000000
const cryptHeader = 49

const isFirstNumber = (number: number): boolean =>
  number > 0 &&
  (number <= maxRetries || (number > earlyNegotiation && number <= earlyNegotiation + maxRetries))

/** Acknowledgements and message number behind `at`, which must fill the packet. */
function endsWell(bytes: Bytes, at: number, end: number): boolean {
  const count = bytes.u8(at)
  if (count < 0 || count > maxAcknowledged) return false
  const message = at + 1 + (count === 0 ? 0 : 4 * count + 8)
  return message + 4 === end && bytes.u32(message) <= maxRetries
}

/** How a packet that begins a session at `at`, and ends before `end`, is protected. */
function protectionOf(bytes: Bytes, at: number, end: number): string | undefined {
  if (bytes.u32(at + 1) === 0 && bytes.u32(at + 5) === 0) return undefined
  for (const size of hmacSizes) {
    if (size === 0 && endsWell(bytes, at + 9, end)) return 'plain'
    const stamp = at + 9 + size
    if (size > 0 && isFirstNumber(bytes.u32(stamp)) && endsWell(bytes, stamp + 8, end)) {
      return 'tls-auth'
    }
  }
  const isCrypt = isFirstNumber(bytes.u32(at + 9)) && end - at > cryptHeader
  // Of tls-crypt only the head and its size can be told: 5 octets, or 17 where one is acknowledged.
  const rest = end - at - cryptHeader
  const isSized = rest === 5 || rest === 17 || bytes.u8(at) >> 3 === 10
  return isCrypt && isSized && bytes.u32(at + 13) > 0x40000000 ? 'tls-crypt' : undefined
}

function lookAtStart(bytes: Bytes, at: number, end: number): Look {
  const first = bytes.u8(at)
  const opcode = first >> 3
  if ((first & 7) !== 0) return 'no'
  if (!clientReset.has(opcode) && !serverReset.has(opcode)) return 'no'
  return protectionOf(bytes, at, end) === undefined ? 'no' : 'yes'
}

function look(bytes: Bytes, fromClient: boolean, flow: FlowView): Look {
  if (flow.transport === 'udp') {
    const isFirst = flow.datagrams.find((d) => d.fromClient === fromClient)?.bytes === bytes
    return isFirst ? lookAtStart(bytes, 0, bytes.wireLength) : 'more'
  }
  const length = bytes.u16(0)
  if (length < 0) return 'more'
  if (length < 14 || length > 1500) return 'no'
  const opcode = bytes.u8(2) >> 3
  if (bytes.length > 2 && !clientReset.has(opcode) && !serverReset.has(opcode)) return 'no'
  return bytes.length < 2 + length ? 'more' : lookAtStart(bytes, 2, 2 + length)
}

const found: Agreement = { evidence: 'session reset of exact length', one: 85 }

export const openvpn: Protocol = {
  name: 'openvpn',
  title: 'OpenVPN',
  category: 'vpn',
  transports: ['udp', 'tcp'],
  ports: { udp: [1194], tcp: [1194] },
  classify: (flow) => agree(flow, look, found),
}
