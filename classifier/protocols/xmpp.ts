import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import { saslUser } from '../wire/sasl.ts'
import { afterCommand } from '../wire/starttls.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 6120 §4, XML, the client first; an XML declaration may stand before it:
 *
 *   client   <stream:stream to='example.net' xmlns='jabber:client' ...>
 *   server   <stream:stream from='example.net' ...><stream:features><starttls .../>
 *   client   <starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>     then TLS
 *
 * Of a stream under way: <iq ...>, <message ...>, <presence ...>, <r xmlns='urn:xmpp:sm:3'/>.
 */
const starts = [
  '<?xml',
  '<stream:stream',
  '<iq ',
  '<message ',
  '<presence',
  '<r xmlns=',
  '<a xmlns=',
  '</stream:stream>',
]
const stream = /<\/?stream:stream[\s>]/
const stanza = /^<(iq|message|presence)( [^<>]*)?\b(type|id|from|to)=['"]|^<presence\/>/
const counting = /^<[ra] xmlns=['"]urn:xmpp:sm:/
const headBytes = 1024

/** Behind white space, which keeps the way open. */
function textOf(bytes: Bytes): string {
  return bytes.text(0, headBytes).trimStart()
}

function look(bytes: Bytes): Look {
  const first = bytes.u8(0)
  if (first !== 0x3c && first !== 0x20 && first !== 0x0a && first !== 0x0d) return 'no'
  const text = textOf(bytes)
  if (!starts.some((start) => text.startsWith(start.slice(0, text.length)))) return 'no'
  if (stream.test(text) || stanza.test(text) || counting.test(text)) return 'yes'
  return text.length < headBytes && !/^<\?xml[^>]*>\s*<(?!s|$|st)/.test(text) ? 'more' : 'no'
}

function serverNamed(client: Bytes, server: Bytes): Metadata {
  const to = /<stream:stream[^>]*\sto=['"]([^'"]+)['"]/.exec(client.text(0, headBytes))?.[1]
  const from = /<stream:stream[^>]*\sfrom=['"]([^'"]+)['"]/.exec(server.text(0, headBytes))?.[1]
  const hostname = (to ?? from)?.toLowerCase()
  return hostname === undefined ? {} : { hostname }
}

function classify(flow: FlowView): Answer {
  const talk = agreement(flow, look, look, 95)
  if (typeof talk === 'string') return talk
  const { client, server, confidence } = talk
  const hello = afterCommand(client, /<starttls [^>]*(\/>|><\/starttls>)\s*/)
  const user = saslUser(client, /<auth [^>]*mechanism=['"](PLAIN)['"][^>]*>([A-Za-z0-9+/=]+)</)
  return {
    confidence,
    evidence: stream.test(textOf(client)) ? 'stream of the client' : 'stream or stanza',
    metadata: { ...serverNamed(client, server), ...user, ...hello },
    risks: user === undefined ? [] : ['clear-text-credentials'],
    more: user === undefined && hello?.ja3 === undefined && flow.packets < 16,
  }
}

export const xmpp: Protocol = {
  name: 'xmpp',
  title: 'XMPP (Jabber)',
  category: 'messaging',
  transports: ['tcp'],
  begins: [0x0a, 0x0d, 0x20, 0x3c],
  ports: { tcp: [5222, 5269] },
  classify,
}
