import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Oracle's Transparent Network Substrate; the length holds the head (in four octets since 12c,
 * once both sides know of it):
 *
 *    0            2              4      5       6               8
 *   | length (2) | checksum 0   | type | 0     | checksum 0    | connect: version, compatible, ...
 *
 * Types: 1 connect, 2 accept, 4 refuse, 5 redirect, 6 data, 11 resend. A connect says what it wants
 * in parentheses: (CONNECT_DATA=(SERVICE_NAME=db)(CID=(PROGRAM=..)(HOST=..)(USER=..))).
 */
const connect = 1
const replies = new Set([2, 4, 5, 11])
const oldest = 0x0100
const newest = 0x0200
const maxBytes = 8192

function lookAt(bytes: Bytes, isType: (type: number) => boolean): Look {
  const length = bytes.u16(0)
  if (length >= 0 && (length < 8 || length > maxBytes)) return 'no'
  if (bytes.length > 3 && bytes.u16(2) !== 0) return 'no'
  const type = bytes.u8(4)
  if (type < 0) return 'more'
  if (!isType(type)) return 'no'
  if (bytes.length < 12) return bytes.length < length ? 'more' : 'yes'
  if (type !== connect) return 'yes'
  const version = bytes.u16(8)
  return version > oldest && version < 0x0400 && bytes.u16(10) <= version && bytes.u16(6) === 0
    ? 'yes'
    : 'no'
}

const request = (bytes: Bytes): Look => lookAt(bytes, (type) => type === connect)
const reply = (bytes: Bytes): Look => {
  const look = lookAt(bytes, (type) => replies.has(type))
  return look === 'yes' ? 'more' : look
}

function metadataOf(client: Bytes): Metadata {
  const text = client.text(0, 2048)
  const value = (key: string): string | undefined =>
    new RegExp(String.raw`\(${key}=([^()]+)\)`, 'i').exec(text)?.[1]
  const userName = value('USER')
  const software = value('PROGRAM')
  return {
    ...(userName === undefined ? {} : { userName }),
    ...(software === undefined ? {} : { software }),
  }
}

function classify(flow: FlowView): Answer {
  const talk = agreement(flow, request, reply)
  if (typeof talk === 'string') return talk
  const { client, server } = talk
  const isDescribed = client.find('(', 26, 300) > 0 || client.u16(8) >= newest
  const confidence = server.length > 0 ? 100 : 80
  return {
    confidence: isDescribed || flow.hasPort(1521) ? confidence : 70,
    evidence: 'connect packet of TNS',
    metadata: metadataOf(client),
  }
}

export const oracle: Protocol = {
  name: 'oracle',
  title: 'Oracle (TNS)',
  category: 'database',
  transports: ['tcp'],
  ports: { tcp: [1521] },
  classify,
}
