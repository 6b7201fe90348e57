import { v4MappedWord } from '../model/address.ts'
import type { Columns } from '../model/flow-batch.ts'
import { align4, attributeHeaderBytes, attributeTypeMask } from './messages.ts'

/*
 * CTA_TUPLE_ORIG, CTA_TUPLE_REPLY
 *   1 CTA_TUPLE_IP     1 CTA_IP_V4_SRC, 2 _DST (4 octets) or 3 CTA_IP_V6_SRC, 4 _DST (16)
 *   2 CTA_TUPLE_PROTO  1 CTA_PROTO_NUM u8, then
 *                      2 CTA_PROTO_SRC_PORT, 3 _DST_PORT u16  (TCP, UDP, SCTP, DCCP; GRE: keys)
 *                      4 CTA_PROTO_ICMP_ID u16, 5 _TYPE u8, 6 _CODE u8; 7, 8, 9 for ICMPv6
 *   3 CTA_TUPLE_ZONE   u16, where only this direction has the zone
 */

/** Why a message was refused; each is a counter. */
export const decodeFailures = ['attribute-length', 'value-length', 'tuple-missing'] as const
export type DecodeFailure = (typeof decodeFailures)[number]

/**
 * Reads one direction's tuple into the row. The reply's source is where the connection really went,
 * its destination whom the world saw.
 *
 * @returns why it cannot be read; undefined where it was
 */
export function decodeTuple(
  view: DataView,
  from: number,
  to: number,
  columns: Columns,
  row: number,
  original: boolean
): DecodeFailure | undefined {
  const source = original ? columns.sourceAddress : columns.postNatDestinationAddress
  const destination = original ? columns.destinationAddress : columns.postNatSourceAddress
  let seen = 0
  let at = from
  while (at + attributeHeaderBytes <= to) {
    const length = view.getUint16(at, true)
    if (length < attributeHeaderBytes || at + length > to) return 'attribute-length'
    const type = view.getUint16(at + 2, true) & attributeTypeMask
    const value = at + attributeHeaderBytes
    if (type === 1) {
      const failure = addresses(view, value, at + length, source, destination, 4 * row)
      if (failure !== undefined) return failure
      seen |= 1
    } else if (type === 2) {
      const failure = protocol(view, value, at + length, columns, row, original)
      if (failure !== undefined) return failure
      seen |= 2
    } else if (type === 3 && original && length >= attributeHeaderBytes + 2) {
      columns.ingressVrfId[row] = view.getUint16(value)
    }
    at += align4(length)
  }
  return seen === 3 ? undefined : 'tuple-missing'
}

function addresses(
  view: DataView,
  from: number,
  to: number,
  source: Uint32Array,
  destination: Uint32Array,
  word: number
): DecodeFailure | undefined {
  let seen = 0
  let at = from
  while (at + attributeHeaderBytes <= to) {
    const length = view.getUint16(at, true)
    if (length < attributeHeaderBytes || at + length > to) return 'attribute-length'
    const type = view.getUint16(at + 2, true) & attributeTypeMask
    const value = at + attributeHeaderBytes
    // CTA_IP_V4_SRC 1, _V4_DST 2, _V6_SRC 3, _V6_DST 4
    if (type >= 1 && type <= 4) {
      const target = (type & 1) === 1 ? source : destination
      if (type <= 2) {
        if (length < attributeHeaderBytes + 4) return 'value-length'
        target[word] = 0
        target[word + 1] = 0
        target[word + 2] = v4MappedWord
        target[word + 3] = view.getUint32(value)
      } else {
        if (length < attributeHeaderBytes + 16) return 'value-length'
        for (let i = 0; i < 4; i++) target[word + i] = view.getUint32(value + 4 * i)
      }
      seen |= (type & 1) === 1 ? 1 : 2
    }
    at += align4(length)
  }
  return seen === 3 ? undefined : 'tuple-missing'
}

function protocol(
  view: DataView,
  from: number,
  to: number,
  columns: Columns,
  row: number,
  original: boolean
): DecodeFailure | undefined {
  let sourcePort = 0
  let destinationPort = 0
  let typeCode = 0
  let identifier = -1
  let at = from
  while (at + attributeHeaderBytes <= to) {
    const length = view.getUint16(at, true)
    if (length < attributeHeaderBytes || at + length > to) return 'attribute-length'
    const type = view.getUint16(at + 2, true) & attributeTypeMask
    const value = at + attributeHeaderBytes
    const size = length - attributeHeaderBytes
    if (size < (type === 2 || type === 3 || type === 4 || type === 7 ? 2 : 1)) {
      return 'value-length'
    }
    if (type === 1) columns.protocolIdentifier[row] = view.getUint8(value)
    else if (type === 2) sourcePort = view.getUint16(value)
    else if (type === 3) destinationPort = view.getUint16(value)
    else if (type === 4 || type === 7) identifier = view.getUint16(value)
    else if (type === 5 || type === 8) typeCode |= view.getUint8(value) << 8
    else if (type === 6 || type === 9) typeCode |= view.getUint8(value)
    at += align4(length)
  }
  if (original) {
    columns.sourceTransportPort[row] = identifier >= 0 ? identifier : sourcePort
    columns.destinationTransportPort[row] = identifier >= 0 ? 0 : destinationPort
    columns.icmpTypeCode[row] = typeCode
  } else {
    columns.postNaptSourceTransportPort[row] = identifier >= 0 ? identifier : destinationPort
    columns.postNaptDestinationTransportPort[row] = identifier >= 0 ? 0 : sourcePort
  }
  return undefined
}
