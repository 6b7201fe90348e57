import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * draft-ietf-ntp-roughtime §4, all numbers LE; newer clients put ROUGHTIM and a length (4)
 * before it:
 *
 *    0              4                       4 n             8 n
 *   | tags: n (4)  | n - 1 offsets (4)     | n tags (4)    | values
 */
const words = new Set([
  'NONC',
  'SREP',
  'SIG\0',
  'CERT',
  'INDX',
  'PATH',
  'VER\0',
  'PAD\xff',
  'ZZZZ',
  'PAD\0',
  'ROOT',
  'TYPE',
  'SRV\0',
])
const needed = new Set(['NONC', 'SREP'])
const maxTags = 16

function isMessage(bytes: Bytes, from: number): boolean {
  const count = bytes.u32le(from)
  if (count < 1 || count > maxTags) return false
  const tags = Array.from({ length: count }, (_, i) => {
    const at = from + 4 * count + 4 * i
    return bytes.text(at, at + 4)
  })
  return tags.every((tag) => words.has(tag)) && tags.some((tag) => needed.has(tag))
}

function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  if (bytes.has('ROUGHTIM')) return 'yes'
  if (flow.transport === 'tcp') return bytes.mayHave('ROUGHTIM') ? 'more' : 'no'
  return isMessage(bytes, 0) ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'its tags' }

export const roughtime: Protocol = {
  name: 'roughtime',
  title: 'Roughtime',
  category: 'network',
  transports: ['udp', 'tcp'],
  begins: { tcp: 'R' },
  ports: { udp: [2002] },
  classify: (flow) => agree(flow, look, found),
}
