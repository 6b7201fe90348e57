import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * Probes of the Internet-wide survey MAGELLAN, in text:
 *
 *   MGLNDD_address of the target_port LF
 */
function look(bytes: Bytes, fromClient: boolean, flow: FlowView): Look {
  if (!fromClient) return 'more'
  if (bytes.has('MGLNDD_')) return 'yes'
  return flow.transport === 'tcp' && bytes.mayHave('MGLNDD_') ? 'more' : 'no'
}

const found: Agreement = { evidence: 'word MGLNDD' }

export const ripeAtlas: Protocol = {
  name: 'ripe-atlas',
  title: 'RIPE Atlas (MAGELLAN)',
  category: 'monitoring',
  transports: ['udp', 'tcp'],
  begins: 'M',
  classify: (flow) => agree(flow, look, found),
}
