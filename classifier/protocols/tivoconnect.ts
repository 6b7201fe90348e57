import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * TiVo, "TiVoConnect automatic machine discovery protocol specification", lines:
 *
 *   tivoconnect=1 LF method=broadcast LF platform=tcd/Series3 LF machine=... LF identity=... LF
 */
const word = 'tivoconnect='

function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  if ((bytes.u8(0) | 0x20) !== 0x74) return 'no'
  const text = bytes.text(0, word.length).toLowerCase()
  if (text === word) return 'yes'
  return flow.transport === 'tcp' && word.startsWith(text) ? 'more' : 'no'
}

function classify(flow: FlowView): Answer {
  const answer = agree(flow, look, { evidence: 'word tivoconnect' })
  if (typeof answer === 'string') return answer
  const platform = /\nplatform=([\x20-\x7e]{1,80})\n/i.exec(flow.client.bytes.text(0, 400))?.[1]
  return platform === undefined ? answer : { ...answer, metadata: { software: platform } }
}

export const tivoconnect: Protocol = {
  name: 'tivoconnect',
  title: 'TiVoConnect',
  category: 'discovery',
  transports: ['udp', 'tcp'],
  begins: 'Tt',
  ports: { udp: [2190], tcp: [2190] },
  classify,
}
