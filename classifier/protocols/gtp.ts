import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * 3GPP TS 29.060 §6 (version 1), TS 29.274 §5.1 (version 2, control):
 *
 *    0                          1      2        4          8
 *   | version (3)|PT|.|E|S|PN | type | length | tunnel (4) | ...   length: what is behind octet 8
 *   | version 2 |P|T|MP|...   | type | length | [tunnel (4)] | sequence (3) | 0 |   ... octet 4
 *
 * TS 32.295 §6 (charging, GTP'): PT is 0; | version | type | length | sequence |, behind 6,
 * of old version 0 with a header of 20 octets as well.
 */
const controlPorts = [2123, 2152, 3386]
const chargingTypes = new Set([1, 2, 3, 4, 5, 6, 7, 240, 241])

function versionOf(bytes: Bytes): string | undefined {
  const flags = bytes.u8(0)
  const [type, length, size] = [bytes.u8(1), bytes.u16(2), bytes.wireLength]
  const version = flags >> 5
  if (version === 2) {
    const isWell = (flags & 7) === 0 && length + 4 <= size && length >= ((flags & 8) === 0 ? 4 : 8)
    // With P another message follows behind the first.
    return isWell && ((flags & 16) !== 0 || length + 4 === size) ? 'GTPv2-C' : undefined
  }
  const isCharging = (flags & 16) === 0
  if (isCharging) {
    const header = (flags & 1) === 0 && version === 0 ? 20 : 6
    return version <= 2 && chargingTypes.has(type) && length + header === size ? "GTP'" : undefined
  }
  if (version === 1) return length + 8 === size && (flags & 8) === 0 ? 'GTPv1' : undefined
  return version === 0 && length + 20 === size && (flags & 14) === 14 ? 'GTPv0' : undefined
}

function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  if (!controlPorts.some((port) => flow.hasPort(port))) return 'no'
  if (flow.transport === 'tcp') {
    if (bytes.length < 6) return bytes.u8(0) >> 5 <= 2 && (bytes.u8(0) & 16) === 0 ? 'more' : 'no'
    return (bytes.u8(0) & 0xf0) < 0x50 && chargingTypes.has(bytes.u8(1)) ? 'yes' : 'no'
  }
  return versionOf(bytes) === undefined ? 'no' : 'yes'
}

function classify(flow: FlowView): Answer {
  const answer = agree(flow, look, { evidence: 'GTP header and exact length' })
  const first = flow.datagrams[0]
  const version = first === undefined ? undefined : versionOf(first.bytes)
  return typeof answer === 'string' || version === undefined
    ? answer
    : { ...answer, metadata: { version } }
}

export const gtp: Protocol = {
  name: 'gtp',
  title: 'GTP',
  category: 'tunnel',
  transports: ['udp', 'tcp'],
  onPorts: { tcp: controlPorts, udp: controlPorts },
  ports: { udp: [2123, 2152, 3386], tcp: [3386] },
  classify,
}
