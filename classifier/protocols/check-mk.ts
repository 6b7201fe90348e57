import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * Checkmk's agent says, without being asked, sections of text that each begin with
 *
 *   <<<name>>> LF          the first: <<<check_mk>>>
 */
function look(bytes: Bytes, fromClient: boolean): Look {
  if (fromClient) return bytes.length > 0 ? 'no' : 'more'
  if (!bytes.mayHave('<<<')) return 'no'
  const end = bytes.find('>>>', 3, Math.min(80, bytes.length))
  if (end < 0) return bytes.length < 80 ? 'more' : 'no'
  return /^[\w:().]+$/.test(bytes.text(3, end)) ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'a section of the agent' }

export const checkMk: Protocol = {
  name: 'check-mk',
  title: 'Checkmk agent',
  category: 'monitoring',
  transports: ['tcp'],
  begins: '<',
  ports: { tcp: [6556] },
  classify: (flow) => agree(flow, look, found),
}
