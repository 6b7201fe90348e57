import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * ISO 13818-1 §2.4.3, packets of 188 octets, up to seven in a datagram:
 *
 *   | 47 | error, start, priority, PID (13) | scrambling (2), adaptation (2), counter (4) | ...
 */
const packetBytes = 188

function look(bytes: Bytes): Look {
  const count = bytes.wireLength / packetBytes
  if (bytes.u8(0) !== 0x47 || !Number.isInteger(count) || count > 7) return 'no'
  for (let at = 0; at < bytes.length; at += packetBytes) {
    // Adaptation 0 is reserved.
    if (bytes.u8(at) !== 0x47 || (bytes.u8(at + 3) & 0x30) === 0) return 'no'
  }
  return 'yes'
}

function classify(flow: FlowView): Answer {
  const isLong = (flow.datagrams[0]?.bytes.wireLength ?? 0) > 2 * packetBytes
  return agree(flow, look, { evidence: 'packets of 188 octets', one: isLong ? 90 : 75 })
}

export const mpegTs: Protocol = {
  name: 'mpeg-ts',
  title: 'MPEG transport stream',
  category: 'streaming',
  transports: ['udp'],
  begins: 'G',
  ports: { udp: [1234] },
  classify,
}
