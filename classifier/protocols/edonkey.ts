import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * "The eMule protocol specification" (Kulbak, Bickson), §3; Kad: aMule, include/protocol/kad2:
 *
 *   TCP: | e3 eDonkey, c5 eMule, d4 packed | length (4, LE) | opcode | ... length: from opcode
 *   UDP: | e3 server, c5 client, e4 Kad, e5 packed Kad | opcode | ...
 *
 * What both sides say first over TCP: 01 hello, 10, hash (16); 4c its answer; to a server 01, hash.
 */
const firstOpcodes = new Set([0x01, 0x4c, 0x38, 0x40, 0x34])
/** Opcodes of Kad, and what sizes they have with their two octets; 0 where sizes vary. */
const kadSizes = new Map([
  [0x01, 2],
  [0x09, 0],
  [0x11, 0],
  [0x19, 0],
  [0x20, 35],
  [0x21, 35],
  [0x28, 0],
  [0x29, 0],
  [0x33, 0],
  [0x34, 0],
  [0x35, 0],
  [0x43, 0],
  [0x44, 0],
  [0x4b, 0],
  [0x50, 4],
  [0x53, 0],
  [0x58, 6],
  [0x59, 0],
  [0x60, 2],
  [0x61, 4],
  [0x62, 18],
])
const clientSizes = new Map([
  [0x90, 0],
  [0x91, 4],
  [0x92, 2],
  [0x93, 2],
  [0x94, 0],
  [0x95, 0],
])

function lookAtDatagram(bytes: Bytes, flow: FlowView): Look {
  const [kind, opcode, size] = [bytes.u8(0), bytes.u8(1), bytes.wireLength]
  if (kind === 0xe5) return bytes.u8(2) === 0x78 && kadSizes.has(opcode) ? 'yes' : 'no'
  const sizes = kind === 0xe4 ? kadSizes : kind === 0xc5 ? clientSizes : undefined
  const exact = sizes?.get(opcode)
  if (exact === undefined) return flow.datagrams.length > 1 && kind === 0xe3 ? 'more' : 'no'
  if (exact > 0) return exact === size ? 'yes' : 'no'
  return size >= 18 ? 'yes' : 'no'
}

function lookAtStream(bytes: Bytes): Look {
  const kind = bytes.u8(0)
  if (kind !== 0xe3 && kind !== 0xc5) return 'no'
  if (bytes.length < 6) return bytes.length > 4 && bytes.u32le(1) > 4096 ? 'no' : 'more'
  const length = bytes.u32le(1)
  const opcode = bytes.u8(5)
  if (length < 2 || length > 4096 || !firstOpcodes.has(opcode)) return 'no'
  if (opcode === 1 && bytes.u8(6) >= 0 && bytes.u8(6) !== 0x10 && length < 34) return 'no'
  return 'yes'
}

function classify(flow: FlowView): Answer {
  if (flow.transport === 'tcp') return agree(flow, lookAtStream, { evidence: 'hello', one: 80 })
  const isOnPort = flow.hasPort(4672) || flow.hasPort(4665)
  const [one, datagrams] = isOnPort ? [80, 1] : [60, 2]
  const found = { evidence: 'opcode and size', one, both: 85, datagrams }
  return agree(flow, (bytes) => lookAtDatagram(bytes, flow), found)
}

export const edonkey: Protocol = {
  name: 'edonkey',
  title: 'eDonkey and Kad',
  category: 'file-sharing',
  transports: ['tcp', 'udp'],
  begins: [0xc5, 0xd4, 0xe3, 0xe4, 0xe5],
  ports: { tcp: [4662], udp: [4672] },
  classify,
}
