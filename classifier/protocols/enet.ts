import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * ENet (enet.bespin.org), of a connection's first packets:
 *
 *    0                        2                         4
 *   | flags (4), peer (12)   | time (2), if flag 8000  | commands
 *
 *   CONNECT: | 82 | channel ff | sequence 1 | outgoing peer (2) | sessions (2) | MTU (4) |
 *            | window (4) | channels (4) | bandwidths (8) | intervals (12) | id (4) | data (4) |
 *   VERIFY:  | 83 | the same, without data |
 *
 * with 48 and 44 octets.
 *
 * Some put a checksum (4) in front of the commands.
 */
const connect = 0x82
const verify = 0x83
const sizes = { [connect]: 48, [verify]: 44 } as const

function look(bytes: Bytes, fromClient: boolean, flow: FlowView): Look {
  if (flow.datagrams.length > 1 && flow.datagrams[0]?.fromClient === fromClient) {
    if (flow.datagrams[0].bytes !== bytes) return 'more'
  }
  const hasTime = (bytes.u8(0) & 0x80) !== 0
  for (const at of [hasTime ? 4 : 2, hasTime ? 8 : 6]) {
    const command = bytes.u8(at)
    if (command !== connect && command !== verify) continue
    const [mtu, channels] = [bytes.u32(at + 8), bytes.u32(at + 16)]
    const isSane = mtu >= 576 && mtu <= 4096 && channels >= 1 && channels <= 255
    // The answer acknowledges, with 8 octets, what it answers.
    const isWhole = at + sizes[command] === bytes.wireLength
    if (bytes.u8(at + 1) === 0xff && bytes.u16(at + 2) === 1 && isSane && isWhole) return 'yes'
  }
  return fromClient ? 'no' : 'more'
}

const found: Agreement = { evidence: 'CONNECT of exact size' }

export const enet: Protocol = {
  name: 'enet',
  title: 'ENet',
  category: 'games',
  transports: ['udp'],
  classify: (flow) => agree(flow, look, found),
}
