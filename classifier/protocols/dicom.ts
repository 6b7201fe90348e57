import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * DICOM PS3.8 §9.3.2, A-ASSOCIATE-RQ and -AC:
 *
 *    0          1   2              6            8   10                 26
 *   | 1, 2     | 0 | length (4)   | version 1  | 0 | called title     | calling title (16) | ...
 */
const titleBytes = 16

function isTitle(bytes: Bytes, from: number): boolean {
  return bytes.isPrintable(from, from + titleBytes)
}

function look(bytes: Bytes, fromClient: boolean): Look {
  if (bytes.u8(0) !== (fromClient ? 1 : 2)) return !fromClient && bytes.u8(0) === 3 ? 'more' : 'no'
  if (!bytes.mayHave('\0', 1) || (bytes.length > 7 && (bytes.u16(6) & 1) !== 1)) return 'no'
  if (bytes.length < 42) return bytes.length > 3 && bytes.u16(2) !== 0 ? 'no' : 'more'
  return bytes.u32(2) >= 68 && bytes.u16(8) === 0 && isTitle(bytes, 10) && isTitle(bytes, 26)
    ? 'yes'
    : 'no'
}

function classify(flow: FlowView): Answer {
  const answer = agree(flow, look, { evidence: 'association with both titles' })
  if (typeof answer === 'string') return answer
  const clientId = flow.client.bytes.text(26, 42).trim()
  return { ...answer, metadata: { clientId } }
}

export const dicom: Protocol = {
  name: 'dicom',
  title: 'DICOM',
  category: 'other',
  transports: ['tcp'],
  begins: [1, 2, 3],
  ports: { tcp: [104, 11112] },
  classify,
}
