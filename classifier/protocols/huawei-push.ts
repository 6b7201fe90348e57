import type { Bytes } from '../../model/bytes.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Huawei's push service on port 5223; each message has its length in it, the first of the client
 * has kind 16, the answer 17, those behind them 30:
 *
 *    0          1                     3
 *   | kind (1) | length of all (2)   | 0 in the first | ...
 *
 * TLS, which begins with 16 as well, has a version there.
 */
const port = 5223
const minBytes = 32
const maxBytes = 1024

function look(bytes: Bytes, kind: number): Look {
  if (bytes.u8(0) !== kind) return 'no'
  if (bytes.length > 1 && bytes.u8(1) === 3) return 'no'
  if (bytes.length < 4) return 'more'
  const length = bytes.u16(1)
  if (length < minBytes || length > maxBytes || bytes.u8(3) !== 0) return 'no'
  if (bytes.length < length) return 'more'
  return bytes.length === length || bytes.u8(length) === 0x30 ? 'yes' : 'no'
}

const lookAtFirst = (bytes: Bytes): Look => look(bytes, 0x16)
const lookAtAnswer = (bytes: Bytes): Look => look(bytes, 0x17)

function classify(flow: FlowView): Answer {
  const talk = agreement(flow, lookAtFirst, lookAtAnswer, 75)
  if (typeof talk === 'string') return talk
  const { confidence } = talk
  return { confidence, evidence: 'exact length on its port', application: 'huawei-push' }
}

export const huaweiPush: Protocol = {
  name: 'huawei-push',
  title: 'Huawei push',
  category: 'messaging',
  transports: ['tcp'],
  begins: [0x16, 0x17],
  onPorts: { tcp: [port] },
  ports: { tcp: [port] },
  classify,
}
