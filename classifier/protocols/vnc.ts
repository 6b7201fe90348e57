import type { Bytes } from '../../model/bytes.ts'
import { agreement, lookFor } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 6143 §7.1.1, the server first, then the client: "RFB 003.008" LF. Apple says 003.889, RealVNC
 * 004.001 and 005.000. Then the server offers kinds of security, of which 1 is none.
 */
const version = /^RFB (\d{3}\.\d{3})\n/

function look(bytes: Bytes): Look {
  if (bytes.length < 12)
    return lookFor(bytes, 'RFB 0'.slice(0, bytes.length)) === 'yes' ? 'more' : 'no'
  return version.test(bytes.text(0, 12)) ? 'yes' : 'no'
}

function classify(flow: FlowView): Answer {
  const talk = agreement(flow, look, look)
  if (typeof talk === 'string') return talk
  const { client, server, confidence } = talk
  const said = version.exec(client.text(0, 12))?.[1] ?? version.exec(server.text(0, 12))?.[1]
  return {
    confidence,
    evidence: `RFB ${said}`,
    metadata: said === undefined ? {} : { version: said },
    more: client.length === 0,
  }
}

export const vnc: Protocol = {
  name: 'vnc',
  title: 'VNC',
  category: 'remote-access',
  transports: ['tcp'],
  begins: 'R',
  ports: { tcp: [5900, 5901, 5902, 5800] },
  classify,
}
