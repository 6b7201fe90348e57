import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Zoom's media, as Michel et al. describe it ("Enabling Passive Measurement of Zoom Performance in
 * Production Networks", IMC 2022, §4), on the server's ports 8801 .. 8810 or between peers:
 *
 *   | 1 | 0 | 2, 3 | id (16) | 0 (8) | 2 | time (4) | time (4) | ...    hello of the client
 *   | 2 | 0 | 1 .. 3 | id (16) | number (4) | ...                         that of the server
 *   | 5 | sequence (2) | ... | direction 0, 4 | media ...               by a server: 8 octets more
 *   | 1f | 2 | 1 | ...                                                  keep-alive between peers
 *
 *   media: | kind | ... RTP or RTCP from an offset that goes with the kind |
 *   kind 13, 30 screen; 15 audio; 16 video; 33, 34, 35 RTCP
 */
const firstPort = 8801
const lastPort = 8810
const serverHeader = 8
/** Where RTP or RTCP begins, by kind. */
const offsets: Readonly<Record<number, readonly number[]>> = {
  13: [27, 24, 20],
  30: [20],
  15: [19],
  16: [24, 20],
  33: [16],
  34: [16],
  35: [16],
}

/** Octets of the head with its id. */
const helloBytes = 19

function isHello(bytes: Bytes): boolean {
  const kind = bytes.u8(2)
  if (bytes.u16(0) !== 0x0100 || (kind !== 2 && kind !== 3)) return false
  return bytes.u32(19) === 0 && bytes.u32(23) === 0 && bytes.u32(28) === bytes.u32(32)
}

/** An answer has the id of what the other side has asked. */
function isAnswer(bytes: Bytes, fromClient: boolean, { client, server }: FlowView): boolean {
  if (bytes.u16(0) !== 0x0200 || bytes.u8(2) < 1 || bytes.u8(2) > 3) return false
  const asked = (fromClient ? server : client).bytes
  if (bytes.length < helloBytes || asked.length < helloBytes || asked.u8(0) !== 1) return false
  for (let at = 3; at < helloBytes; at++) if (bytes.u8(at) !== asked.u8(at)) return false
  return true
}

function isMedia(bytes: Bytes, at: number): boolean {
  const kind = bytes.u8(at)
  const isControl = kind >= 33 && kind <= 35
  return (offsets[kind] ?? []).some((offset) => {
    const inner = at + offset
    if (bytes.u8(inner) >> 6 !== 2) return false
    const type = bytes.u8(inner + 1)
    if (isControl) return type >= 200 && type <= 206
    return (type & 0x7f) >= 96 && (type & 0x7f) <= 127 && bytes.u32(inner + 8) > 0
  })
}

function isOnPort(flow: FlowView): boolean {
  return flow.sides.some(({ port }) => port >= firstPort && port <= lastPort)
}

function look(bytes: Bytes, fromClient: boolean, flow: FlowView): Look {
  const isServer = isOnPort(flow)
  if (isHello(bytes) || (isServer && isAnswer(bytes, fromClient, flow))) return 'yes'
  if (bytes.u8(0) === 5 && isMedia(bytes, serverHeader)) return 'yes'
  if (!isServer && bytes.u24(0) === 0x1f0201 && bytes.u16(bytes.wireLength - 2) === 0) return 'yes'
  if (!isServer && bytes.wireLength > 40 && isMedia(bytes, 0)) return 'more'
  return isServer || flow.datagrams.length > 1 ? 'more' : 'no'
}

function classify(flow: FlowView): Answer {
  const found = { evidence: 'hello or media of Zoom', application: 'zoom' }
  return agree(flow, look, { ...found, one: isOnPort(flow) ? 90 : 85 })
}

export const zoom: Protocol = {
  name: 'zoom',
  title: 'Zoom',
  category: 'voip',
  transports: ['udp'],
  ports: { udp: [8801] },
  classify,
}
