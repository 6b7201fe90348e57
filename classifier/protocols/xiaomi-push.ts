import type { Bytes } from '../../model/bytes.ts'
import { hostOf } from '../wire/http-head.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * Mi Push:
 *
 *    0      2         4             8
 *   | c2fe | 0005    | length (4)  | protobuf, checksum ... |       length: without 12 octets
 *
 *   protobuf: | 0002 | length (2) of the head | length (4) of the body | head | body |, and in the
 *   body of a CONN field 7 is the server's name
 */
const hostField = 7

/** The server that the client names when it connects. */
function serverOf(bytes: Bytes): string {
  let at = 16 + bytes.u16(10)
  const end = at + bytes.u32(12)
  for (let i = 0; i < 32 && at < end && bytes.u16(10) >= 0; i++) {
    const tag = bytes.u8(at)
    const length = bytes.u8(at + 1)
    const isText = (tag & 7) === 2
    if (tag < 0 || length < 0 || (!isText && (tag & 7) !== 0)) return ''
    if (tag >> 3 === hostField) return hostOf(bytes.text(at + 2, at + 2 + length))
    // Numbers are as long as their high bits say; texts of 128 octets and more have none here.
    if (isText) at += 2 + length
    else while (bytes.u8(++at) >= 0x80);
    if (!isText) at++
  }
  return ''
}

function look(bytes: Bytes): Look {
  if (!bytes.mayHave('\xc2\xfe\0')) return 'no'
  if (bytes.length < 8) return 'more'
  return bytes.u16(2) < 16 && bytes.u32(4) < 0x10000 ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'header c2fe', application: 'xiaomi' }

export const xiaomiPush: Protocol = {
  name: 'xiaomi-push',
  title: 'Xiaomi push',
  category: 'messaging',
  transports: ['tcp'],
  begins: [0xc2],
  ports: { tcp: [5222] },
  classify: (flow) => {
    const answer = agree(flow, look, found)
    if (typeof answer === 'string') return answer
    const name = flow.sides.map(({ bytes }) => serverOf(bytes)).find((text) => text.includes('.'))
    return name === undefined ? answer : { ...answer, metadata: { hostname: name } }
  },
}
