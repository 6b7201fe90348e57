import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Viber's calls, of which no description is published; what its own ports (5242, 5243, 7985, 7987,
 * 9785, support.viber.com) show:
 *
 *    0            2                4
 *   | session (2) | kind (2, LE)   | ...
 *
 *   kind 1 begins, followed by 5 (2, LE); 3 data; 9 has 20 octets; 25 and 27 have 34.
 *
 * Messages, over TCP:
 *
 *    0                              2              6       8
 *   | length of the whole (2, LE) | number (4, LE) | fc ff | 03, 05 .. | 80 | ...
 *   | length of the whole           | number          | 03 80 | ...
 */
const ports = [4244, 5242, 5243, 7985, 7987, 9785]

function lookAtStream(bytes: Bytes, fromClient: boolean, flow: FlowView): Look {
  if (bytes.length > 1 && (bytes.u16le(0) < 12 || bytes.u16le(0) > 4096)) return 'no'
  const { firstSize } = fromClient ? flow.client : flow.server
  const length = bytes.u16le(0)
  if (bytes.has('\x03\x80', 6)) return length === firstSize ? 'yes' : 'no'
  if (!bytes.mayHave('\xfc\xff', 6) || (bytes.length > 9 && bytes.u8(9) !== 0x80)) return 'no'
  if (bytes.length < 12 || bytes.length < length) return 'more'
  // It ends there, or the next one follows.
  return bytes.length === length || bytes.mayHave('\xfc\xff', length + 6) ? 'yes' : 'no'
}

function lookAtDatagram(bytes: Bytes): Look {
  const size = bytes.wireLength
  switch (bytes.u16le(2)) {
    case 1:
      return bytes.u16le(4) === 5 && size > 40 ? 'yes' : 'no'
    case 9:
      return size === 20 ? 'yes' : 'no'
    case 25:
    case 27:
      return size === 34 ? 'yes' : 'no'
    default:
      return 'more'
  }
}

function classify(flow: FlowView): Answer {
  const application = 'viber'
  if (flow.transport === 'tcp') {
    return agree(flow, lookAtStream, { evidence: 'header with fcff', one: 85, application })
  }
  if (!ports.some((port) => flow.hasPort(port))) return 'never'
  const evidence = 'kind and size on its port'
  return agree(flow, lookAtDatagram, { evidence, one: 75, both: 85, application })
}

export const viber: Protocol = {
  name: 'viber',
  title: 'Viber',
  category: 'voip',
  transports: ['udp', 'tcp'],
  onPorts: { udp: ports },
  ports: { udp: ports, tcp: [4244] },
  classify,
}
