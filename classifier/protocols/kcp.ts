import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * github.com/skywind3000/kcp, protocol.txt, segments that fill a datagram, numbers LE:
 *
 *    0               4              5          6         8       12       16     20
 *   | conversation  | 81 .. 84     | fragment | window  | time  | number | una  | length (4) | data
 *
 *   commands: 81 data, 82 acknowledged, 83, 84 window; only data has octets behind its head
 */
const headerBytes = 24
const dataCommand = 81

function look(bytes: Bytes): Look {
  const conversation = bytes.u32(0)
  let at = 0
  while (at < bytes.length) {
    const command = bytes.u8(at + 4)
    const length = bytes.u32le(at + 20)
    if (command < dataCommand || command > dataCommand + 3 || length < 0) return 'no'
    if ((command !== dataCommand && length > 0) || bytes.u32(at) !== conversation) return 'no'
    if (bytes.u8(at + 5) > 127 || bytes.u16le(at + 6) === 0) return 'no'
    at += headerBytes + length
  }
  return at === bytes.wireLength && conversation > 0 ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'segments fill the datagram', one: 80 }

export const kcp: Protocol = {
  name: 'kcp',
  title: 'KCP',
  category: 'tunnel',
  transports: ['udp'],
  classify: (flow) => agree(flow, look, found),
}
