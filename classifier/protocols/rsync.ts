import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import { linesOf, lookAtLine } from '../wire/text-lines.ts'
import type { Bytes } from '../../model/bytes.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * The rsync daemon (rsyncd.conf(5), clientserver of rsync): lines, both sides first
 *
 *   @RSYNCD: 31.0 [digests] LF
 *
 * then the client names a module.
 */
const greeting = /^@RSYNCD: (\d+(?:\.\d+)?)( |$)/

function look(bytes: Bytes): Look {
  return bytes.mayHave('@RSYNCD: ') ? lookAtLine(bytes, greeting) : 'no'
}

function classify(flow: FlowView): Answer {
  const talk = agreement(flow, look, look, 95)
  if (typeof talk === 'string') return talk
  const said = linesOf(talk.client, 2)
  const version = greeting.exec(said[0] ?? linesOf(talk.server, 1)[0] ?? '')?.[1]
  const module = said[1]
  return {
    confidence: talk.confidence,
    evidence: 'greeting of rsync',
    metadata: {
      ...(version === undefined ? {} : { version }),
      ...(module === undefined || module === '' ? {} : { fileName: module }),
    },
    more: module === undefined && flow.packets < 6,
  }
}

export const rsync: Protocol = {
  name: 'rsync',
  title: 'rsync',
  category: 'file',
  transports: ['tcp'],
  begins: '@',
  ports: { tcp: [873] },
  classify,
}
