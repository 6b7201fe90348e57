import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * LOCO (github.com/storycraft/node-kakao, "secure layer"), numbers LE, what the client begins with:
 *
 *    0                4                      8                   12
 *   | length 100     | key by RSA: 0c .. 10 | AES: 2, 3         | encrypted key (256) |
 */
const keyBytes = 256
const headerBytes = 12

function look(bytes: Bytes, fromClient: boolean): Look {
  if (!fromClient) return 'more'
  if (!bytes.mayHave('\0\x01\0\0') || !bytes.mayHave('\0\0\0', 5)) return 'no'
  if (!bytes.mayHave('\0\0\0', 9)) return 'no'
  const [key, cipher] = [bytes.u8(4), bytes.u8(8)]
  if (key >= 0 && (key < 0x0c || key > 0x10)) return 'no'
  if (cipher >= 0 && cipher !== 2 && cipher !== 3) return 'no'
  return bytes.length < headerBytes + keyBytes ? 'more' : 'yes'
}

const found: Agreement = { evidence: 'handshake of the secure layer', application: 'kakaotalk' }

export const kakaotalkLoco: Protocol = {
  name: 'kakaotalk-loco',
  title: 'KakaoTalk (LOCO)',
  category: 'messaging',
  transports: ['tcp'],
  ports: { tcp: [5223] },
  classify: (flow) => agree(flow, look, found),
}
