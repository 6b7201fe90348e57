import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * Photon (Exit Games), reliable UDP of many games, a descendant of ENet:
 *
 *    0          2                   3        4          8
 *   | peer     | flags 0, 1, 2, cc | count  | time (4) | challenge (4) | [CRC, if cc] | ..
 *
 *   command: | type 1..16 | channel | flags | reserved | length (4) | sequence (4) | ...
 *
 * Servers are measured before with | 7d, 12 times | number |.
 *
 * The lengths of the commands, each with its head, fill the datagram.
 */
const headerBytes = 12
const commandBytes = 12
const maxCommands = 64

const ping = '\x7d'.repeat(12)

function look(bytes: Bytes): Look {
  if (bytes.wireLength === 13 && bytes.has(ping)) return 'yes'
  const flags = bytes.u8(2)
  const count = bytes.u8(3)
  if ((flags > 2 && flags !== 0xcc) || count < 1 || count > maxCommands) return 'no'
  let at = flags === 0xcc ? headerBytes + 4 : headerBytes
  for (let i = 0; i < count; i++) {
    const type = bytes.u8(at)
    const length = bytes.u32(at + 4)
    if (type < 1 || type > 16 || length < commandBytes) return 'no'
    at += length
    // The rest of a datagram that was cut off cannot be walked.
    if (at > bytes.length && at <= bytes.wireLength) return 'more'
  }
  return at === bytes.wireLength ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'commands fill the datagram', one: 85 }

export const photon: Protocol = {
  name: 'photon',
  title: 'Photon Engine',
  category: 'games',
  transports: ['udp'],
  ports: { udp: [5055, 5056, 5058] },
  classify: (flow) => agree(flow, look, found),
}
