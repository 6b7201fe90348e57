import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Zoom's media, as Michel et al. describe it ("Enabling Passive Measurement of Zoom Performance in
 * Production Networks", IMC 2022, §4), on the server's ports 8801 .. 8810 or between peers:
 *
 *   | 1 or 2 | 0 | 2, 3 | id (16) | 0 (8) | 2 | time | time | ...       hello of client, of server
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

function isHello(bytes: Bytes, isServer: boolean): boolean {
  const from = bytes.u8(0)
  const kind = bytes.u8(2)
  if ((from !== 1 && from !== 2) || bytes.u8(1) !== 0 || (kind !== 2 && kind !== 3)) return false
  if (isServer) return true
  return from === 1 && bytes.u32(19) === 0 && bytes.u32(23) === 0 && bytes.u32(28) === bytes.u32(32)
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

function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  const isServer = isOnPort(flow)
  if (isHello(bytes, isServer)) return 'yes'
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
