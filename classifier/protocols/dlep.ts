import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * RFC 8175 §11:
 *
 *    0      4              6                 8
 *   | DLEP | signal 1, 2  | length of rest  | | item (2) | length (2) | value | ...
 *
 * and, over TCP, from a session's initialization (1) on:
 *
 *   | message (2) | length of rest | items
 */
function look(bytes: Bytes, fromClient: boolean, flow: FlowView): Look {
  if (flow.transport === 'tcp') {
    if (!flow.hasPort(854) || !bytes.mayHave(fromClient ? '\0\x01' : '\0\x02')) return 'no'
    return bytes.length < 8
      ? 'more'
      : bytes.u16(2) >= 4 && bytes.u16(4) > 0 && bytes.u16(4) < 64
        ? 'yes'
        : 'no'
  }
  const signal = bytes.u16(4)
  if (!bytes.has('DLEP') || (signal !== 1 && signal !== 2)) return 'no'
  return bytes.u16(6) + 8 === bytes.wireLength ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'magic and exact length' }

export const dlep: Protocol = {
  name: 'dlep',
  title: 'DLEP',
  category: 'routing',
  transports: ['udp', 'tcp'],
  begins: { tcp: [0], udp: 'D' },
  onPorts: { tcp: [854] },
  ports: { udp: [854], tcp: [854] },
  classify: (flow) => agree(flow, look, found),
}
