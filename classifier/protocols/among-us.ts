import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Hazel (github.com/willardf/Hazel-Networking), on the ports of Among Us:
 *
 *    0     1          3                4                  8
 *   | 08  | nonce (2) | Hazel 0, 1, 2 | version (4, LE)  | length | name | ...         hello
 *   | 0a  | nonce (2) | received (1) |                                                 acknowledged
 *   | 01, 0c | nonce (2) | ...        | 09 | ...                                   data, ping, end
 */
const firstPort = 22_023
const ports = [0, 100, 200, 300, 400, 500, 600, 700, 800, 900].map((step) => firstPort + step)

function look(bytes: Bytes): Look {
  switch (bytes.u8(0)) {
    case 8: {
      const end = 9 + bytes.u8(8)
      const isNamed = bytes.u8(8) <= 40 && end <= bytes.wireLength
      return bytes.u16(1) <= 16 && bytes.u8(3) <= 2 && bytes.u32le(4) > 0 && isNamed ? 'yes' : 'no'
    }
    case 0x0a:
      return bytes.wireLength === 4 ? 'yes' : 'no'
    case 0:
    case 1:
    case 9:
    case 0x0c:
      return 'more'
    default:
      return 'no'
  }
}

function classify(flow: FlowView): Answer {
  if (!ports.some((port) => flow.hasPort(port))) return 'never'
  return agree(flow, look, {
    evidence: 'hello of Hazel',
    one: 80,
    both: 95,
    application: 'among-us',
  })
}

export const amongUs: Protocol = {
  name: 'among-us',
  title: 'Among Us (Hazel)',
  category: 'games',
  transports: ['udp'],
  ports: { udp: [22023] },
  classify,
}
