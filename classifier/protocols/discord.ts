import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Discord's voice connections (discord.com/developers, "IP discovery"), exactly 74 octets:
 *
 *    0         2           4          8                72
 *   | type    | length 70 | SSRC     | address, text  | port |
 *
 * type 1 asks, with address and port empty; 2 answers. Clients measure servers before with
 *
 *   | 13 37 ca fe | counter (4, LE) |                       both directions
 */
const discoveryBytes = 74
const maxPings = 0x10000

function look(bytes: Bytes, fromClient: boolean): Look {
  if (bytes.u32(0) === 0x1337cafe && bytes.wireLength === 8) {
    return bytes.u32le(4) < maxPings ? 'yes' : 'no'
  }
  const type = bytes.u16(0)
  if ((type !== 1 && type !== 2) || bytes.u16(2) !== 70) return 'more'
  if (bytes.wireLength !== discoveryBytes) return 'more'
  if (type === 2) return !fromClient && bytes.u8(8) !== 0 ? 'yes' : 'more'
  const isEmpty = bytes.u32(8) === 0 && bytes.u32(68) === 0
  return isEmpty ? 'yes' : 'more'
}

const found: Agreement = { evidence: 'IP discovery or ping of voice', application: 'discord' }

/** Voice follows at once, so only the first datagram must be one of these. */
function classify(flow: FlowView): Answer {
  const answer = agree(flow, look, found)
  return answer === 'more' ? 'never' : answer
}

export const discord: Protocol = {
  name: 'discord',
  title: 'Discord voice',
  category: 'voip',
  transports: ['udp'],
  begins: [0x00, 0x13],
  classify,
}
