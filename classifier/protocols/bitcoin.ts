import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * developer.bitcoin.org, "P2P network", message headers, of Bitcoin and what descends from it:
 *
 *    0           4                             16                20
 *   | network   | command, NULs behind (12)   | length (4, LE)  | checksum (4) | payload
 */
const networks = new Map([
  [0xf9beb4d9, 'main'],
  [0x0b110907, 'test 3'],
  [0x1c163f28, 'test 4'],
  [0x0a03cf40, 'signet'],
  [0xfabfb5da, 'regression test'],
  [0xe3e1f3e8, 'Bitcoin Cash'],
  [0xfbc0b6db, 'Litecoin'],
  [0xc0c0c0c0, 'Dogecoin'],
  [0xbf0c6bbd, 'Dash'],
  [0x24e92764, 'Zcash'],
  [0xf9beb4fe, 'Namecoin'],
])
const maxLength = 0x02000000

function look(bytes: Bytes): Look {
  const network = bytes.u32(0)
  if (network < 0) {
    const first = bytes.u8(0)
    return [...networks.keys()].some((magic) => magic >>> 24 === first) ? 'more' : 'no'
  }
  if (!networks.has(network)) return 'no'
  if (bytes.length < 20) return 'more'
  return /^[a-z0-9]{2,12}\0*$/.test(bytes.text(4, 16)) && bytes.u32le(16) < maxLength ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'network and command' }

export const bitcoin: Protocol = {
  name: 'bitcoin',
  title: 'Bitcoin',
  category: 'crypto-currency',
  transports: ['tcp'],
  begins: [0x0a, 0x0b, 0x1c, 0x24, 0xbf, 0xc0, 0xe3, 0xf9, 0xfa, 0xfb],
  ports: { tcp: [8333] },
  classify: (flow) => agree(flow, look, found),
}
