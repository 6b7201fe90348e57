import type { Bytes } from '../../model/bytes.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * WhatsApp's chat, as its free implementations describe it (Baileys, yowsup). Once a client knows
 * its edge, routing information comes first:
 *
 *   | ED | 0 1 | length (3) | routing information | WA | version | dictionary | frames ...
 *
 *   frame: | length (3) | protobuf of the Noise handshake, or tokens of older versions |
 */
const maxRoutingBytes = 1024
const maxFrameBytes = 65_536

function lookAtIntroduction(bytes: Bytes, at: number): Look {
  if (!bytes.mayHave('WA', at)) return 'no'
  const [version, dictionary] = [bytes.u8(at + 2), bytes.u8(at + 3)]
  if (version > 9 || version === 0 || dictionary > 9) return 'no'
  const length = bytes.u24(at + 4)
  if (length < 0) return 'more'
  return length > 0 && length <= maxFrameBytes ? 'yes' : 'no'
}

function look(bytes: Bytes): Look {
  if (!bytes.mayHave('ED\0\x01')) return lookAtIntroduction(bytes, 0)
  const length = bytes.u24(4)
  if (length < 0) return 'more'
  return length > 0 && length <= maxRoutingBytes ? lookAtIntroduction(bytes, 7 + length) : 'no'
}

/** Only what the client says begins so; of the server's frames nothing is known but a length. */
function classify(flow: FlowView): Answer {
  const { bytes } = flow.client
  if (bytes.length === 0) return flow.isLast ? 'never' : 'more'
  const seen = look(bytes)
  if (seen === 'no') return 'never'
  const evidence = 'introduction of the chat client'
  if (seen === 'yes') return { confidence: 90, evidence, application: 'whatsapp' }
  // Routing information begins with a number (protobuf, field 1).
  const isNumbered = bytes.has('ED\0\x01') && bytes.u8(7) === 0x08
  if (!flow.isLast || !isNumbered) return 'more'
  return { confidence: 70, evidence: 'routing information begins', application: 'whatsapp' }
}

export const whatsapp: Protocol = {
  name: 'whatsapp',
  title: 'WhatsApp',
  category: 'messaging',
  transports: ['tcp'],
  ports: { tcp: [5222] },
  classify,
}
