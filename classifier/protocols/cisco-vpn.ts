import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * Cisco's VPN clients put IPsec into UDP or TCP, on port 10000, with a cookie of its own:
 *
 *   | fe 57 7e 2b | ...
 */
function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  if (bytes.mayHave('\xfe\x57\x7e\x2b')) return bytes.length < 4 ? 'more' : 'yes'
  return flow.transport === 'udp' && flow.datagrams.length > 1 ? 'more' : 'no'
}

const found: Agreement = { evidence: 'cookie fe577e2b' }

export const ciscoVpn: Protocol = {
  name: 'cisco-vpn',
  title: 'Cisco IPsec over UDP',
  category: 'vpn',
  transports: ['udp', 'tcp'],
  begins: [0xfe],
  ports: { udp: [10000], tcp: [10000] },
  classify: (flow) => agree(flow, look, found),
}
