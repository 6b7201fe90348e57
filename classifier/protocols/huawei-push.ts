import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Huawei's push service on port 5223; what both sides say first has its length in it:
 *
 *    0    1                     3
 *   | 16 | length of all (2)   | 0 | random ...
 *
 * TLS, which begins with 16 as well, has a version there.
 */
const minBytes = 32
const maxBytes = 1024

function look(bytes: Bytes, fromClient: boolean, flow: FlowView): Look {
  const { firstSize } = fromClient ? flow.client : flow.server
  if (!fromClient) return 'more'
  if (bytes.u8(0) !== 0x16 || (bytes.length > 1 && bytes.u8(1) === 3)) return 'no'
  if (bytes.length < 4) return 'more'
  const length = bytes.u16(1)
  if (length < minBytes || length > maxBytes || bytes.u8(3) !== 0) return 'no'
  if (bytes.length < length) return 'more'
  return firstSize >= length || bytes.length === length ? 'yes' : 'no'
}

function classify(flow: FlowView): Answer {
  if (!flow.hasPort(5223)) return 'never'
  return agree(flow, look, {
    evidence: 'exact length on its port',
    one: 75,
    application: 'huawei-push',
  })
}

export const huaweiPush: Protocol = {
  name: 'huawei-push',
  title: 'Huawei push',
  category: 'messaging',
  transports: ['tcp'],
  ports: { tcp: [5223] },
  classify,
}
