import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * IEEE 1588-2019 §13.3:
 *
 *    0                        1                        2                 4
 *   | profile (4)| type (4) | minor (4)| version 2   | length of all   | domain | ...  at least 34
 */
const types = new Set([0, 1, 2, 3, 8, 9, 10, 11, 12, 13])

function look(bytes: Bytes): Look {
  const [first, second] = [bytes.u8(0), bytes.u8(1)]
  if ((second & 15) !== 2 || second >> 4 > 1 || !types.has(first & 15)) return 'no'
  const length = bytes.u16(2)
  // Some pad what is behind the message.
  return length >= 34 && length <= bytes.wireLength && bytes.wireLength - length <= 16
    ? 'yes'
    : 'no'
}

function classify(flow: FlowView): Answer {
  if (!flow.hasPort(319) && !flow.hasPort(320)) return 'never'
  return agree(flow, look, { evidence: 'header and length on its port' })
}

export const ptp: Protocol = {
  name: 'ptp',
  title: 'PTP (IEEE 1588)',
  category: 'network',
  transports: ['udp'],
  ports: { udp: [319, 320] },
  classify,
}
