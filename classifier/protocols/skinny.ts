import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Cisco's Skinny Client Control Protocol, little endian; the length counts from the message on:
 *
 *    0            4                       8            12
 *   | length (4) | version 0, 10h .. 16h | message (4) | ... |
 *
 * Messages: 0 keep-alive, 1 register (name of the device, 16 octets), 81h registered, 100h alive.
 */
const port = 2000
const maxBytes = 4096
const register = 1
const lastMessage = 0x15f

function look(bytes: Bytes): Look {
  const length = bytes.u32le(0)
  if (length < 0) return bytes.length < 3 || bytes.u8(2) === 0 ? 'more' : 'no'
  if (length < 4 || length > maxBytes) return 'no'
  const version = bytes.u32le(4)
  if (version < 0) return 'more'
  if (version !== 0 && (version < 0x0a || version > 0x16)) return 'no'
  const message = bytes.u32le(8)
  if (message < 0) return 'more'
  if (message > lastMessage) return 'no'
  // One message in the first octets, or another that begins as it must.
  const next = bytes.u32le(8 + length + 4)
  return next < 0 || next === version || next === 0 ? 'yes' : 'no'
}

function deviceOf(client: Bytes): Metadata {
  if (client.u32le(8) !== register) return {}
  const name = /^[\w.-]{3,15}/.exec(client.text(12, 28))?.[0]
  return name === undefined ? {} : { clientId: name }
}

function classify(flow: FlowView): Answer {
  const talk = agreement(flow, look, look, 70)
  if (typeof talk === 'string') return talk
  const metadata = deviceOf(talk.client)
  const isSure = metadata.clientId !== undefined || flow.hasPort(port)
  // Small numbers are frequent in little endian, so elsewhere a device must register.
  if (!isSure) return 'never'
  return { confidence: Math.max(talk.confidence, 80), evidence: 'message of Skinny', metadata }
}

export const skinny: Protocol = {
  name: 'skinny',
  title: 'Cisco Skinny (SCCP)',
  category: 'voip',
  transports: ['tcp'],
  ports: { tcp: [port] },
  classify,
}
