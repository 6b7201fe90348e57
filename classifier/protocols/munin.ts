import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * guide.munin-monitoring.org, "Network protocol": the node begins
 *
 *   # munin node at HOST LF
 */
function look(bytes: Bytes, fromClient: boolean): Look {
  if (fromClient)
    return /^(cap|list|nodes|config|fetch|version|quit|help)\b/.test(bytes.text(0, 8)) ||
      bytes.length < 4
      ? 'more'
      : 'no'
  const text = '# munin node at '
  return bytes.has(text) ? 'yes' : bytes.mayHave(text) ? 'more' : 'no'
}

const found: Agreement = { evidence: 'greeting of the node' }

export const munin: Protocol = {
  name: 'munin',
  title: 'Munin',
  category: 'monitoring',
  transports: ['tcp'],
  ports: { tcp: [4949] },
  classify: (flow) => agree(flow, look, found),
}
