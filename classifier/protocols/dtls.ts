import type { Bytes } from '../../model/bytes.ts'
import { CryptoStream } from '../wire/crypto-stream.ts'
import { tlsMetadata, tlsRisks } from '../wire/tls-facts.ts'
import { readClientHello, readServerHello } from '../wire/tls-hello.ts'
import type { Hello } from '../wire/tls-hello.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 6347 §4.1 and §4.2.2, in each datagram one or more records:
 *
 *   0      1         3       5            11       13
 *  | type | version | epoch | sequence (6) | length | content ... |
 *
 * and in a handshake record (type 22) of epoch 0, messages in fragments:
 *
 *  | type | length (3) | sequence (2) | fragment offset (3) | fragment length (3) | fragment ... |
 *
 * RFC 9147 §4 gives DTLS 1.3's encrypted records another header; its hellos look the same.
 */
const headerBytes = 13
const versions: ReadonlySet<number> = new Set([0xfeff, 0xfefd, 0xfefc, 0x0100])
const handshake = 22
const message = { clientHello: 1, serverHello: 2, certificate: 11 } as const
const maxRecords = 16

interface Memory {
  seen: number
  readonly clientHello: CryptoStream
  readonly serverHello: CryptoStream
  clientBytes: number
  serverBytes: number
}

const makeMemory = (): Memory => ({
  seen: 0,
  clientHello: new CryptoStream(),
  serverHello: new CryptoStream(),
  clientBytes: -1,
  serverBytes: -1,
})

/** Where the record at `at` ends; -1 where none stands there. */
function recordEnd(bytes: Bytes, at: number): number {
  const type = bytes.u8(at)
  if (type < 20 || type > 25 || !versions.has(bytes.u16(at + 1))) return -1
  const length = bytes.u16(at + 11)
  const end = at + headerBytes + length
  return length < 1 || end > bytes.wireLength ? -1 : end
}

/** True where the datagram is records from its first octet to its last. */
function isRecords(bytes: Bytes): boolean {
  let at = 0
  for (let i = 0; i < maxRecords; i++) {
    const end = recordEnd(bytes, at)
    if (end < 0) return false
    // What a capture has cut off, or another protocol's record (1.3), is not looked at.
    if (end >= bytes.length || (bytes.u8(end) & 0xe0) === 0x20) return true
    at = end
  }
  return true
}

function takeDatagram(memory: Memory, bytes: Bytes): void {
  let at = 0
  for (let i = 0; i < maxRecords; i++) {
    const end = recordEnd(bytes, at)
    if (end < 0) return
    if (bytes.u8(at) === handshake && bytes.u16(at + 3) === 0) {
      takeHandshake(memory, bytes.slice(at + headerBytes, end))
    }
    at = end
  }
}

function takeHandshake(memory: Memory, record: Bytes): void {
  let at = 0
  while (at + 12 <= record.length) {
    const type = record.u8(at)
    const length = record.u24(at + 1)
    const offset = record.u24(at + 6)
    const fragmentEnd = at + 12 + record.u24(at + 9)
    if (fragmentEnd > record.length) return
    const octets = record.subarray(at + 12, fragmentEnd)
    if (type === message.clientHello) {
      memory.clientHello.add(offset, octets)
      memory.clientBytes = length
    } else if (type === message.serverHello) {
      memory.serverHello.add(offset, octets)
      memory.serverBytes = length
    }
    at = fragmentEnd
  }
}

function helloOf(
  stream: CryptoStream,
  length: number,
  read: (body: Bytes) => Hello | undefined
): Hello | undefined {
  const { contiguous } = stream
  return length >= 0 && contiguous.length >= length ? read(contiguous.slice(0, length)) : undefined
}

function classify(flow: FlowView): Answer {
  const last = flow.datagrams.at(-1)?.bytes
  const first = flow.datagrams[0]?.bytes
  if (first === undefined || last === undefined || !isRecords(first)) return 'never'
  const memory = flow.recall('dtls', makeMemory)
  for (const { bytes } of flow.datagrams.slice(memory.seen)) takeDatagram(memory, bytes)
  memory.seen = flow.datagrams.length
  const client = helloOf(memory.clientHello, memory.clientBytes, (b) => readClientHello(b, true))
  const server = helloOf(memory.serverHello, memory.serverBytes, readServerHello)
  const facts = { carrier: 'd', client, server, seenAt: flow.timeUs / 1e6 } as const
  const isHandshake = first.u8(0) === handshake
  return {
    confidence: client !== undefined && server !== undefined ? 100 : 95,
    evidence: client === undefined ? `record of type ${first.u8(0)}` : 'ClientHello',
    metadata: tlsMetadata(facts),
    risks: tlsRisks(facts),
    more: isHandshake && (client === undefined || server === undefined) && flow.packets < 12,
  }
}

export const dtls: Protocol = {
  name: 'dtls',
  title: 'DTLS',
  category: 'web',
  transports: ['udp'],
  begins: [0x14, 0x15, 0x16, 0x17, 0x18, 0x19],
  ports: { udp: [443, 853, 4433, 5349, 5684] },
  classify,
}
