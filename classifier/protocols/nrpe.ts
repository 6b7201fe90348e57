import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * NRPE (github.com/NagiosEnterprises/nrpe, include/common.h), where it is not within TLS:
 *
 *    0               2                 4        8          10
 *   | version 2..4  | 1 asks, 2 tells | CRC    | result   | text of 1024, or length (4) and text |
 */
function look(bytes: Bytes, fromClient: boolean): Look {
  if (!bytes.mayHave('\0')) return 'no'
  const [version, type] = [bytes.u16(0), bytes.u16(2)]
  if (version >= 0 && (version < 2 || version > 4)) return 'no'
  if (type >= 0 && type !== (fromClient ? 1 : 2)) return 'no'
  if (bytes.length < 16) return 'more'
  const at = version === 2 ? 10 : 16
  const end = bytes.indexOf(0, at)
  return end >= at && (end === at || bytes.isPrintable(at, end) || !fromClient) ? 'yes' : 'no'
}

function classify(flow: FlowView): Answer {
  if (!flow.hasPort(5666)) return 'never'
  return agree(flow, look, { evidence: 'query or answer on its port', one: 80 })
}

export const nrpe: Protocol = {
  name: 'nrpe',
  title: 'Nagios NRPE',
  category: 'monitoring',
  transports: ['tcp'],
  begins: [0],
  ports: { tcp: [5666] },
  classify,
}
