import { once } from 'node:events'
import { connect } from 'node:http2'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { http } from '../../../classifier/protocols/http.ts'
import { readHttp2Request } from '../../../classifier/wire/http2-request.ts'
import { Bytes } from '../../../model/bytes.ts'
import { numbers } from '../noise.ts'
import { classify, hex, latin1 } from '../protocols/talk.ts'

const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'

/** What Node's own HTTP/2 client says first, with its HPACK encoder. */
async function saidBy(fields: Record<string, string>): Promise<Uint8Array> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const session = connect(`http://127.0.0.1:${port}`)
  session.on('error', () => undefined)
  session.request(fields).on('error', () => undefined)
  const [socket] = await once(server, 'connection')
  const parts: Uint8Array[] = []
  const request = (): object | undefined =>
    readHttp2Request(new Bytes(Uint8Array.from(Buffer.concat(parts))), preface.length)
  while (request() === undefined) {
    const [part] = await once(socket, 'data')
    parts.push(part)
  }
  session.destroy()
  socket.destroy()
  server.close()
  return Uint8Array.from(Buffer.concat(parts))
}

/** A literal field (RFC 7541 appendix C.2) in a HEADERS frame behind empty settings. */
const frames = (block: Uint8Array): Uint8Array =>
  Uint8Array.from([
    ...latin1(preface),
    ...hex('000000 04 00 00000000'),
    ...hex(block.length.toString(16).padStart(6, '0')),
    ...hex('01 04 00000001'),
    ...block,
  ])

test('what a real client asks for is read', async () => {
  const printable = String.fromCharCode(...Array.from({ length: 94 }, (_, i) => 33 + i))
  const said = await saidBy({
    ':authority': 'Clear.Example:8080',
    ':path': `/${printable}`,
    'user-agent': printable,
  })
  const { protocol, metadata } = classify([http], {
    transport: 'tcp',
    port: 8080,
    said: [['client', said]],
  })
  expect(protocol).toBe('http2')
  expect(metadata).toMatchObject({
    hostname: 'clear.example',
    httpMethod: 'GET',
    httpUrl: `/${printable}`,
    userAgent: printable,
  })
})

test.each([
  // RFC 7541 appendix C.3.1 and C.4.1.
  ['literals', '828684410f7777772e6578616d706c652e636f6d'],
  ["Huffman's code", '828684418cf1e3c2e5f23a6ba0ab90f4ff'],
  ['a name that is spelt out', '000a3a617574686f726974790f7777772e6578616d706c652e636f6d'],
  ['a host field', '8286847f07 0f7777772e6578616d706c652e636f6d'.replace('7f07', '66')],
])('%s', (_name, block) => {
  const request = readHttp2Request(new Bytes(frames(hex(block))), preface.length)
  expect(request).toMatchObject({ authority: 'www.example.com' })
})

test('blocks of any content are read in bounds', () => {
  const next = numbers(11)
  for (let i = 0; i < 2000; i++) {
    const block = Uint8Array.from({ length: next() % 200 }, () => next() & 255)
    const request = readHttp2Request(new Bytes(frames(block)), preface.length) ?? {}
    for (const value of Object.values(request)) expect(typeof value).toBe('string')
  }
})
