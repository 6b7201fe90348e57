import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import { readNetbiosName } from '../wire/netbios-name.ts'
import { lookForSmb, sessionEnd } from '../wire/smb-message.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Names, RFC 1002 §4.2, UDP 137, built like DNS:
 *
 *    0     2       4      6      8      10     12
 *   | id  | flags | QD=1 | AN=0 | NS=0 | AR=0 | name (34 or more) | type 32, 33 | class 1 |
 *
 * Datagrams, §4.4, UDP 138; the length counts from octet 14 on:
 *
 *    0              1       2     4           8          10       12       14
 *   | 10..12 type  | flags | id  | source IP | port 138 | length | offset | source | destination |
 *
 * Sessions, §4.3, TCP 139: the caller asks with both names, and is answered with type 82 or 83;
 * what is spoken then is most often SMB, which is named in its place:
 *
 *   | 81 | 0 | length (2) | called name (34) | calling name (34) |
 */
const nameTypes = new Set([0x0a, 0x20, 0x21])
const operations = new Set([0, 5, 6, 7, 8, 9, 15])
const maxRecords = 32

function nameService(bytes: Bytes): Metadata | undefined {
  const operation = (bytes.u16(2) >> 11) & 15
  if (bytes.length < 50 || !operations.has(operation)) return undefined
  const counts = [4, 6, 8, 10].map((at) => bytes.u16(at))
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total === 0 || total > maxRecords) return undefined
  const name = readNetbiosName(bytes, 12)
  if (name === undefined) return undefined
  const isKnown = nameTypes.has(bytes.u16(name.end)) && bytes.u16(name.end + 2) === 1
  return isKnown ? { hostname: name.name } : undefined
}

function datagramService(bytes: Bytes, isOnPort: boolean): Metadata | undefined {
  const type = bytes.u8(0)
  if (type < 0x10 || type > 0x16 || bytes.u8(1) > 15) return undefined
  const isDirect = type <= 0x12
  if (isDirect && bytes.u16(10) + 14 !== bytes.wireLength) return undefined
  if (type === 0x13) return bytes.wireLength === 11 && isOnPort ? {} : undefined
  const name = readNetbiosName(bytes, isDirect ? 14 : 10)
  return name === undefined ? undefined : { hostname: name.name }
}

function request(bytes: Bytes): Look {
  if (bytes.u8(0) !== 0x81) return 'no'
  if (bytes.length < 4) return 'more'
  const end = sessionEnd(bytes)
  if (end < 0) return bytes.length < 72 && bytes.u16(2) === 68 ? 'more' : 'no'
  return 'yes'
}

const answers: readonly string[] = ['\u0082\0\0\0', '\u0083\0\0\u0001', '\u0084\0\0\u0006']

const reply = (bytes: Bytes): Look => {
  for (const answer of answers) if (bytes.has(answer)) return 'yes'
  return bytes.length < 4 && answers.some((answer) => bytes.mayHave(answer)) ? 'more' : 'no'
}

function classifyTcp(flow: FlowView): Answer {
  const talk = agreement(flow, request, reply)
  if (typeof talk === 'string') return talk
  const { client, confidence } = talk
  const end = sessionEnd(client)
  // What follows the request has a name of its own, if it is not unknown here.
  const inner = end < 0 ? 'no' : client.length > end ? lookForSmb(client, end) : 'more'
  if (inner === 'yes') return 'never'
  if (inner === 'more' && !flow.isLast) return 'more'
  const called = readNetbiosName(client, 4)
  return {
    confidence,
    evidence: 'session request or its answer',
    metadata: called === undefined ? {} : { hostname: called.name },
  }
}

function classifyUdp(flow: FlowView): Answer {
  const [first] = flow.datagrams
  if (first === undefined) return 'never'
  const names = nameService(first.bytes)
  if (names !== undefined) return { confidence: 95, evidence: 'name service', metadata: names }
  const metadata = datagramService(first.bytes, flow.hasPort(138))
  if (metadata === undefined) return 'never'
  return { confidence: 95, evidence: 'datagram service', metadata }
}

export const netbios: Protocol = {
  name: 'netbios',
  title: 'NetBIOS',
  category: 'naming',
  transports: ['tcp', 'udp'],
  begins: { tcp: [0x81, 0x82, 0x83, 0x84] },
  ports: { tcp: [139], udp: [137, 138] },
  classify: (flow) => (flow.transport === 'tcp' ? classifyTcp(flow) : classifyUdp(flow)),
}
