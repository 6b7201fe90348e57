import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * collectd wiki, "Binary protocol":
 *
 *   | type (2) | length of the part (2) | value |
 *
 *   types: 0 host, 1, 8 time, 2 .. 5 plugin and type, texts with a NUL; 6 values; 7, 9 interval;
 *   0100, 0101 message, severity; 0200, 0210 signed, encrypted
 */
const types = new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0x100, 0x101, 0x200, 0x210])
const maxHost = 255

function look(bytes: Bytes): Look {
  const first = bytes.u16(0)
  let at = 0
  let count = 0
  while (at < bytes.length) {
    const length = bytes.u16(at + 2)
    if (!types.has(bytes.u16(at)) || length < 5) return 'no'
    at += length
    count++
  }
  if (at !== bytes.wireLength && bytes.length === bytes.wireLength) return 'no'
  if (first === 0x200 || first === 0x210) return 'yes'
  const length = bytes.u16(2)
  const isHost = first === 0 && length <= maxHost && bytes.u8(length - 1) === 0
  return isHost && bytes.isPrintable(4, length - 1) && count > 1 ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'parts that fill the datagram' }

export const collectd: Protocol = {
  name: 'collectd',
  title: 'collectd',
  category: 'monitoring',
  transports: ['udp'],
  begins: [0, 2],
  ports: { udp: [25826] },
  classify: (flow) => {
    const answer = agree(flow, look, found)
    if (typeof answer === 'string') return answer
    const first = flow.datagrams[0]?.bytes
    const isHost = first?.u16(0) === 0
    return isHost ? { ...answer, metadata: { hostname: first.text(4, first.u16(2) - 1) } } : answer
  },
}
