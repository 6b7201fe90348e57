import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Discovery v4 (ethereum/devp2p, discv4.md):
 *
 *    0           32              96           97     98
 *   | hash      | signature r, s | recovery 0/1 | type | RLP list |
 *
 *   types: 1 ping, 2 pong, 3 find node, 4 neighbours, 5, 6 ENR
 *   RLP list: | c0 + length | items |, or | f7 + n | length (n) | items |
 *
 * RLPx (devp2p, rlpx.md, EIP-8), over TCP, each side once:
 *
 *    0            2      3                  67
 *   | size (2)   | 04   | point of a key   | ciphertext |
 */
const headerBytes = 98
const maxType = 6
/** Size of a handshake: its fields, and padding of 100 .. 300 octets. */
const minHandshake = 210
const maxHandshake = 700

/** Octets of the RLP list at a place, its head included; -1 where there is none. */
function listSize(bytes: Bytes, at: number): number {
  const first = bytes.u8(at)
  if (first < 0xc0) return -1
  if (first <= 0xf7) return 1 + first - 0xc0
  if (first === 0xf8) return 2 + bytes.u8(at + 1)
  return first === 0xf9 ? 3 + bytes.u16(at + 1) : -1
}

function lookAtDatagram(bytes: Bytes): Look {
  if (bytes.u8(96) > 1 || bytes.u8(96) < 0) return 'no'
  const type = bytes.u8(97)
  if (type < 1 || type > maxType) return 'no'
  const size = listSize(bytes, headerBytes)
  // Receivers must bear further octets behind the list (EIP-8); hardly anybody sends some.
  return size > 0 && headerBytes + size === bytes.wireLength ? 'yes' : 'no'
}

function look(bytes: Bytes, fromClient: boolean, flow: FlowView): Look {
  if (flow.transport === 'udp') return lookAtDatagram(bytes)
  const size = bytes.u16(0)
  if (size < 0) return 'more'
  if (size < minHandshake || size > maxHandshake) return 'no'
  if (bytes.length < 3) return 'more'
  if (bytes.u8(2) !== 4) return 'no'
  if (bytes.length < size + 2) return 'more'
  // The client waits for the answer, so that its handshake is all there is at first.
  const isAnswered = fromClient && flow.server.bytes.length > 0
  return !fromClient || isAnswered || bytes.length === size + 2 ? 'yes' : 'no'
}

const overUdp: Agreement = { evidence: 'discovery packet with an RLP list of exact length' }
const overTcp: Agreement = { evidence: 'RLPx handshake of exact size', one: 75, both: 95 }

function classify(flow: FlowView): Answer {
  return agree(flow, look, flow.transport === 'udp' ? overUdp : overTcp)
}

export const ethereum: Protocol = {
  name: 'ethereum',
  title: 'Ethereum',
  category: 'crypto-currency',
  transports: ['udp', 'tcp'],
  ports: { udp: [30303], tcp: [30303] },
  classify,
}
