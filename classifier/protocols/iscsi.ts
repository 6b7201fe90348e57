import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * RFC 7143 §11.12, a login:
 *
 *    0           1             2       3        4            5
 *   | 43, 03    | transit, stages | most, least version 0 | more | length (3) | ...       48 octets
 *
 * then text, NUL behind each: InitiatorName=iqn... The answer has 23.
 */
const headerBytes = 48

function look(bytes: Bytes, fromClient: boolean): Look {
  const first = bytes.u8(0)
  if (fromClient ? (first & 0xbf) !== 3 : first !== 0x23) return 'no'
  if (bytes.length > 3 && bytes.u16(2) !== 0) return 'no'
  if (bytes.length < headerBytes + 16) return 'more'
  const from = headerBytes + 4 * bytes.u8(4)
  const end = from + bytes.u24(5)
  const words = fromClient
    ? ['InitiatorName=', 'AuthMethod=', 'SessionType=']
    : ['TargetPortalGroupTag=', 'AuthMethod=', 'HeaderDigest=']
  return words.some((word) => bytes.find(word, from, Math.min(end, bytes.length)) >= 0)
    ? 'yes'
    : 'no'
}

const found: Agreement = { evidence: 'login with its text' }

export const iscsi: Protocol = {
  name: 'iscsi',
  title: 'iSCSI',
  category: 'file',
  transports: ['tcp'],
  begins: [3, 0x23, 0x43],
  ports: { tcp: [3260] },
  classify: (flow) => agree(flow, look, found),
}
