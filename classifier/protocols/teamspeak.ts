import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * TeamSpeak 3 (github.com/ReSpeak/tsdeclarations, ts3protocol.md), the first packets:
 *
 *    0           8               10                       12
 *   | TS3INIT1  | packet 0065   | client id, of it alone | type 88 | step ...
 */
function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  if (bytes.has('TS3INIT1')) return bytes.u16(8) === 0x65 ? 'yes' : 'no'
  return flow.datagrams.length > 1 ? 'more' : 'no'
}

const found: Agreement = { evidence: 'magic TS3INIT1', application: 'teamspeak' }

export const teamspeak: Protocol = {
  name: 'teamspeak',
  title: 'TeamSpeak 3',
  category: 'voip',
  transports: ['udp'],
  ports: { udp: [9987] },
  classify: (flow) => agree(flow, look, found),
}
