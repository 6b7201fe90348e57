import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * Valve, "Server queries":
 *
 *    0             4      5
 *   | ff ff ff ff | kind | ...
 *
 *   T  "Source Engine Query" NUL, challenge (4) or nothing     I  information
 *   U, V  challenge (4)                                        D, E  players, rules
 *   W  nothing                                                 A  challenge (4)
 *   q  challenge (4), "0000000000" NUL: connects
 *   i, "details", "players" and the like: older servers        j, m
 *
 * Answers that are too long come in parts: | fe ff ff ff | id (4) | number | ...
 */
const maxPartNumber = 64
const information = 'TSource Engine Query\0'

function lookAtQuery(bytes: Bytes): Look {
  const size = bytes.wireLength
  const kind = bytes.u8(4)
  if (bytes.has(information, 4)) return size === 25 || size === 29 ? 'yes' : 'no'
  // U, V: players and rules, either with a challenge.
  if (kind === 0x55 || kind === 0x56) return size === 9 ? 'yes' : 'no'
  if (kind === 0x57) return size === 5 ? 'yes' : 'no'
  if (kind === 0x71) return size === 20 && bytes.has('000\0', 16) ? 'yes' : 'no'
  return kind === 0x69 && size === 5 ? 'more' : 'no'
}

function lookAtReply(bytes: Bytes): Look {
  const size = bytes.wireLength
  const kind = bytes.u8(4)
  if (kind === 0x41) return size === 9 ? 'yes' : 'no'
  // Protocol number, and a name that ends.
  if (kind === 0x49) return size > 20 && bytes.indexOf(0, 6) > 0 ? 'yes' : 'no'
  if (kind === 0x44 || kind === 0x45) return size > 6 ? 'yes' : 'no'
  return kind === 0x6a || kind === 0x6d ? 'more' : 'no'
}

function look(bytes: Bytes): Look {
  if (bytes.u32(0) === 0xfeffffff) return bytes.u8(9) < maxPartNumber ? 'more' : 'no'
  if (bytes.u32(0) !== 0xffffffff) return 'no'
  const query = lookAtQuery(bytes)
  return query === 'no' ? lookAtReply(bytes) : query
}

const found: Agreement = { evidence: 'query or reply of a game server' }

export const sourceEngine: Protocol = {
  name: 'source-engine',
  title: 'Source Engine queries',
  category: 'games',
  transports: ['udp'],
  begins: [0xfe, 0xff],
  ports: { udp: [27015] },
  classify: (flow) => agree(flow, look, found),
}
