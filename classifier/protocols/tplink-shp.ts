import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * TP-Link Kasa (softscheck.com, "Reverse engineering the TP-Link HS110"): JSON whose octets are
 * each combined (XOR) with the one before, as sent; with 171 before the first. Over TCP its length
 * (4) comes first.
 *
 *   {"system":{"get_sysinfo":{}}}
 */
const firstKey = 171
const minText = 6
const maxText = 64

function plainText(bytes: Bytes, from: number): string {
  let key = firstKey
  let text = ''
  for (let at = from; at < Math.min(bytes.length, from + maxText); at++) {
    text += String.fromCharCode(bytes.u8(at) ^ key)
    key = bytes.u8(at)
  }
  return text
}

function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  const at = flow.transport === 'tcp' ? 4 : 0
  if (at > 0 && bytes.length > 2 && bytes.u16(0) !== 0) return 'no'
  // `{`, the first octet of all JSON of it, under the first key.
  if (bytes.length > at && bytes.u8(at) !== (0x7b ^ firstKey)) return 'no'
  const text = plainText(bytes, at)
  if (!'{"'.startsWith(text.slice(0, 2))) return 'no'
  if (text.length < minText) return at > 0 ? 'more' : 'no'
  return /^\{"[\w.]+"?[\x20-\x7e]*$/.test(text) ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'JSON under its autokey', application: 'tp-link' }

export const tplinkShp: Protocol = {
  name: 'tplink-shp',
  title: 'TP-Link smart home',
  category: 'iot',
  transports: ['udp', 'tcp'],
  begins: { tcp: [0x00], udp: [0xd0] },
  ports: { udp: [9999], tcp: [9999] },
  classify: (flow) => agree(flow, look, found),
}
