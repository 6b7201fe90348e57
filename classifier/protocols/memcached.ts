import type { Bytes } from '../../model/bytes.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import { lookAtLine, lookForWords, oneOf } from '../wire/text-lines.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Memcached, protocol.txt: lines.
 *
 *   get key ... CRLF        set key flags time length CRLF data CRLF        stats CRLF
 *   VALUE key flags length CRLF data CRLF END CRLF      STORED, ERROR, STAT name value
 *
 * Over UDP behind | request (2) | number (2) | datagrams (2) | 0 (2) |. In binary:
 *
 *    0          1         2        4          5   6        8           12      16       24
 *   | 80 or 81 | command | key (2) | extras  | 0 | status | total (4) | mark  | CAS (8) |
 */
const verbs = [
  'get ',
  'gets ',
  'gat ',
  'set ',
  'add ',
  'replace ',
  'append ',
  'prepend ',
  'cas ',
  'delete ',
  'incr ',
  'decr ',
  'touch ',
  'stats',
  'version',
  'flush_all',
  'verbosity ',
  'mg ',
  'ms ',
]
const storage = /^(set|add|replace|append|prepend) \S{1,250} \d+ -?\d+ \d+( noreply)? *$/
const command = oneOf(
  [
    String.raw`gets? \S.*|gat \d+ \S.*|cas \S+ \d+ -?\d+ \d+ \d+.*`,
    String.raw`(delete|incr|decr|touch) \S+.*|stats( \S+)?|version|flush_all.*|verbosity \d.*`,
    String.raw`m[gs] \S+.*`,
  ],
  ' *$'
)
const answers = [
  'value ',
  'end\r\n',
  'stored\r\n',
  'not_stored',
  'deleted\r\n',
  'not_found',
  'error\r\n',
  'client_error ',
  'server_error ',
  'stat ',
  'version ',
  'ok\r\n',
  'exists\r\n',
  'touched\r\n',
  'hd\r\n',
  'va ',
  'en\r\n',
]
const lastCommand = 0x48
const port = 11_211
const udpHead = 8

/** Octets of extras that a command of the binary protocol has. */
function extrasOf(operation: number): number {
  if ((operation >= 1 && operation <= 3) || (operation >= 0x11 && operation <= 0x13)) return 8
  if (operation === 5 || operation === 6 || operation === 0x15 || operation === 0x16) return 20
  return operation >= 0x1c && operation <= 0x1e ? 4 : 0
}

function binary(bytes: Bytes, magic: number): Look {
  if (bytes.u8(0) !== magic) return 'no'
  if (bytes.u8(1) > lastCommand) return 'no'
  if (bytes.length < 24) return 'more'
  const total = bytes.u32(8)
  const isHead = bytes.u8(5) === 0 && total >= bytes.u16(2) + bytes.u8(4) && total < 1 << 24
  if (!isHead || (magic === 0x80 && bytes.u16(6) > 1024)) return 'no'
  if (magic === 0x80 && bytes.u8(4) !== extrasOf(bytes.u8(1))) return 'no'
  // Behind it nothing, or another.
  const next = bytes.u8(24 + total)
  if (next >= 0 && next !== magic) return 'no'
  return bytes.length >= 24 + total || total > 256 ? 'yes' : 'more'
}

function request(bytes: Bytes): Look {
  if (bytes.u8(0) === 0x80) return binary(bytes, 0x80)
  const look = lookForWords(bytes, verbs)
  if (look !== 'yes') return look
  if (lookAtLine(bytes, storage) === 'yes') return 'yes'
  const line = lookAtLine(bytes, command)
  // Words alone are too little: the server must answer as it does.
  return line === 'yes' ? 'more' : line
}

function reply(bytes: Bytes): Look {
  if (bytes.u8(0) === 0x81) return binary(bytes, 0x81)
  if (bytes.u8(0) >= 0x30 && bytes.u8(0) <= 0x39)
    return lookAtLine(bytes, /^\d+$/) === 'no' ? 'no' : 'more'
  const look = lookForWords(bytes, answers)
  return look === 'yes' && bytes.text(0, 2) !== bytes.text(0, 2).toUpperCase() ? 'no' : look
}

function classifyUdp(flow: FlowView): Answer {
  const [first] = flow.datagrams
  if (first === undefined) return 'never'
  const { bytes } = first
  const isHead = bytes.u16(6) === 0 && bytes.u16(4) >= 1 && bytes.u16(2) < bytes.u16(4)
  if (!isHead || bytes.length <= udpHead) return 'never'
  const said = bytes.slice(udpHead)
  const isText =
    lookAtLine(said, command) === 'yes' ||
    lookAtLine(said, storage) === 'yes' ||
    reply(said) === 'yes'
  if (!isText) return 'never'
  return { confidence: flow.hasPort(port) ? 95 : 80, evidence: 'line behind the head for UDP' }
}

function classify(flow: FlowView): Answer {
  if (flow.transport === 'udp') return classifyUdp(flow)
  const talk = agreement(flow, request, reply)
  if (typeof talk === 'string') return talk
  const { client, server } = talk
  if (client.length === 0) {
    return flow.isLast && flow.hasPort(port)
      ? { confidence: 70, evidence: 'answer of a server' }
      : 'more'
  }
  return { confidence: server.length > 0 ? 100 : 85, evidence: 'command of Memcached' }
}

export const memcached: Protocol = {
  name: 'memcached',
  title: 'Memcached',
  category: 'database',
  transports: ['tcp', 'udp'],
  ports: { tcp: [port], udp: [port] },
  classify,
}
