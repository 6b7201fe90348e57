import type { Bytes } from '../../model/bytes.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * ITU-T T.38 §9.1 and annex A, fax over UDPTL; lengths in one octet each:
 *
 *    0              2         3           3 + n
 *   | sequence (2) | n       | packet .. | 0 earlier ones again | count | length | packet | ... |
 *
 * They fill the datagram exactly. There is no magic, so three of one side must follow each other.
 */
const enough = 3
const largestStep = 4
const mostRepeated = 15

/** Sequence number of a datagram that its packets fill; undefined of another. */
function sequenceOf(bytes: Bytes): number | undefined {
  const length = bytes.u8(2)
  if (length < 1 || length > 127) return undefined
  let at = 3 + length
  const count = bytes.u8(at + 1)
  if (bytes.u8(at) !== 0 || count < 0 || count > mostRepeated) return undefined
  at += 2
  for (let i = 0; i < count; i++) {
    const repeated = bytes.u8(at)
    if (repeated < 0 || repeated > 127) return undefined
    at += 1 + repeated
  }
  return at === bytes.wireLength ? bytes.u16(0) : undefined
}

function classify(flow: FlowView): Answer {
  const last: [number, number] = [-1, -1]
  const runs: [number, number] = [0, 0]
  for (const { bytes, fromClient } of flow.datagrams) {
    const sequence = sequenceOf(bytes)
    if (sequence === undefined) return 'never'
    const side = fromClient ? 0 : 1
    const step = (sequence - last[side]) & 0xffff
    if (last[side] >= 0 && step > largestStep) return 'never'
    last[side] = sequence
    runs[side]++
  }
  if (Math.max(...runs) < enough) return 'more'
  return { confidence: 80, evidence: 'datagrams that packets of fax fill' }
}

export const t38: Protocol = {
  name: 't38',
  title: 'T.38 fax',
  category: 'voip',
  transports: ['udp'],
  classify,
}
