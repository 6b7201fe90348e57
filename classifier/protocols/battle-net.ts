import type { Bytes } from '../../model/bytes.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * bnetdocs.org, "BNCS", what clients of the classic service begin with, numbers LE:
 *
 *   | 01 | ff | 50 | length (2) | 0 (4) | platform: 68XI, CAMP, XMAC | product: PXES, 3RAW |
 *
 * StarCraft II, on port 1119, begins with a first message of fixed head, the user behind it:
 *
 *   | 4a 00 00 0a 66 02 0a ed 2d 66 | ...
 */
const classicHead = '\x01\xff\x50'
const platforms = ['68XI', 'CAMP', 'XMAC']
const starcraftHead = '\x4a\0\0\x0a\x66\x02\x0a\xed\x2d\x66'

function lookAtClassic(bytes: Bytes): Look {
  if (!bytes.mayHave(classicHead)) return 'no'
  if (bytes.length < 14) return 'more'
  return platforms.some((text) => bytes.has(text, 9)) ? 'yes' : 'no'
}

function look(bytes: Bytes): Look {
  if (bytes.u8(0) === 1) return lookAtClassic(bytes)
  return bytes.has(starcraftHead) ? 'yes' : bytes.mayHave(starcraftHead) ? 'more' : 'no'
}

/** Of what the server says there is no fixed beginning. */
function classify(flow: FlowView): Answer {
  const found = { evidence: 'head of the first message', application: 'blizzard' }
  const spoken = flow.sides.filter(({ bytes }) => bytes.length > 0).map(({ bytes }) => look(bytes))
  if (spoken.includes('yes')) return { confidence: 90, ...found }
  return spoken.includes('more') ? 'more' : 'never'
}

export const battleNet: Protocol = {
  name: 'battle-net',
  title: 'Battle.net',
  category: 'games',
  transports: ['tcp'],
  begins: [1, 0x4a],
  ports: { tcp: [6112, 1119] },
  classify,
}
