import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * Gnutella 0.4 and 0.6 (rfc-gnutella.sourceforge.net), over TCP:
 *
 *   GNUTELLA CONNECT/0.6 CR LF   name: value CR LF ... CR LF     answered by GNUTELLA/0.6 200 OK
 *   GIV index:servent/name LF LF                                 a push is answered
 *
 * and, over UDP, one descriptor in each datagram:
 *
 *    0             16     17    18     19                  23
 *   | message id  | type | TTL | hops | length (4, LE)    | payload |
 *
 * of type 44 (hex), the DHT of LimeWire and gtk-gnutella, with a version in place of TTL and hops,
 * and
 * | operation | vendor, four letters | as its payload.
 *
 * Gnutella2 over UDP: | GND | flags | sequence (2) | part | parts | ...
 */
const types = new Set([0x00, 0x01, 0x02, 0x30, 0x31, 0x32, 0x40, 0x41, 0x42, 0x43, 0x80, 0x81])
const dht = 0x44

function isDht(bytes: Bytes): boolean {
  const operation = bytes.u8(23)
  return (
    operation >= 1 && operation <= 16 && bytes.u8(17) <= 1 && /^[A-Z]{4}$/.test(bytes.text(24, 28))
  )
}

/** Descriptors are dropped after 7 hops; some allow for more. */
const maxHops = 15

function lookAtDatagram(bytes: Bytes): Look {
  if (bytes.has('GND')) {
    const [part, parts] = [bytes.u8(6), bytes.u8(7)]
    // Of an acknowledgement the number of parts is 0.
    return (bytes.u8(3) & 0x0c) === 0 && part >= 1 && (parts === 0 || part <= parts) ? 'yes' : 'no'
  }
  const isWhole = bytes.length >= 23 && bytes.u32le(19) + 23 === bytes.wireLength
  if (bytes.u8(16) === dht) return isWhole && isDht(bytes) ? 'yes' : 'no'
  if (!isWhole || !types.has(bytes.u8(16))) return 'no'
  const [life, hops] = [bytes.u8(17), bytes.u8(18)]
  if (life > maxHops || hops > maxHops || life + hops === 0) return 'no'
  // Identifiers of modern servents have ff in the middle and flags at the end.
  const isMarked = bytes.u8(8) === 0xff && bytes.u8(15) <= 15
  return isMarked ? 'yes' : 'no'
}

function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  if (flow.transport === 'udp') return lookAtDatagram(bytes)
  if (bytes.has('GNUTELLA CONNECT/') || bytes.has('GNUTELLA/0.')) return 'yes'
  if (bytes.has('GIV ') && bytes.find(':', 4, 20) > 0) return 'yes'
  const beginnings = ['GNUTELLA CONNECT/', 'GNUTELLA/0.', 'GIV ']
  return bytes.length < 20 && beginnings.some((text) => bytes.mayHave(text)) ? 'more' : 'no'
}

const found: Agreement = { evidence: 'Gnutella handshake or descriptor' }

export const gnutella: Protocol = {
  name: 'gnutella',
  title: 'Gnutella',
  category: 'file-sharing',
  transports: ['tcp', 'udp'],
  begins: { tcp: 'G' },
  ports: { tcp: [6346, 6347], udp: [6346, 6347] },
  classify: (flow) => agree(flow, look, found),
}
