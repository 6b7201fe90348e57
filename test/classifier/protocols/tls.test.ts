import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { tls } from '../../../classifier/protocols/tls.ts'
import { conforms } from './conformance.ts'
import { classify, hex } from './talk.ts'
import { tlsHello } from './tls-hello.ts'
import type { Said } from './talk.ts'
import { certificate, tlsTalk } from './tls-talk.ts'

const parsed = new X509Certificate(certificate)
const tls12 = await tlsTalk('TLSv1.2')
const tls13 = await tlsTalk('TLSv1.3')
const dot = await tlsTalk('TLSv1.3', 'resolver.example.test', ['dot', 'h2'])
const sha1 = parsed.fingerprint.replaceAll(':', '').toLowerCase()

conforms(
  tls,
  [
    {
      name: 'TLS 1.2 with its certificate',
      transport: 'tcp',
      port: 443,
      said: tls12,
      confidence: 100,
      // The conversation is dated before the certificate.
      risks: ['certificate-self-signed', 'certificate-expired'],
      metadata: {
        hostname: 'www.example.test',
        sniKind: 'real',
        alpn: ['h2', 'http/1.1'],
        alpnServer: 'h2',
        tlsVersion: '1.2',
        certificateNames: ['www.example.test', '*.cdn.example.test'],
        certificateSubject: 'C=DE, O=Example, CN=www.example.test',
        certificateIssuer: 'C=DE, O=Example, CN=www.example.test',
        certificateNotBefore: Date.parse(parsed.validFrom) / 1000,
        certificateNotAfter: Date.parse(parsed.validTo) / 1000,
        certificateSha1: sha1,
      },
    },
    {
      name: 'TLS 1.3',
      transport: 'tcp',
      port: 443,
      said: tls13,
      confidence: 100,
      metadata: { hostname: 'www.example.test', tlsVersion: '1.3' },
    },
    { name: 'DNS over TLS', transport: 'tcp', port: 9000, said: dot, application: 'dot' },
    {
      name: 'the client alone',
      transport: 'tcp',
      port: 443,
      said: tls13.slice(0, 1),
      confidence: 95,
      metadata: { hostname: 'www.example.test' },
    },
    {
      name: 'a hello, then records whose own hello was lost',
      transport: 'tcp',
      port: 443,
      said: [...tls13.slice(0, 1), ['server', hex('17 0303 0005 0102030405')]],
      confidence: 95,
      metadata: { hostname: 'www.example.test' },
    },
    {
      name: 'a connection under way',
      transport: 'tcp',
      port: 4433,
      said: [
        ['client', hex('17 0303 0005 0102030405 15 0303 0002 0100')],
        ['server', hex('17 0303 0003 010203')],
      ],
      confidence: 85,
    },
  ],
  [
    {
      name: 'a record that is too long',
      transport: 'tcp',
      port: 443,
      said: [['client', hex('16 0301 ffff 01 00fffb 0303')]],
    },
    { name: 'octet 16 alone', transport: 'tcp', port: 443, said: [['client', hex('16 00 00')]] },
  ]
)

test('a hello over many segments, in records of a few octets, is read', () => {
  const hello = tls13[0]?.[1] as Uint8Array
  const body = hello.subarray(5)
  const said: Said[] = []
  for (let at = 0; at < body.length; at += 100) {
    const part = body.subarray(at, at + 100)
    const record = Uint8Array.of(0x16, 3, 1, 0, part.length, ...part)
    said.push(['client', record.subarray(0, 50)], ['client', record.subarray(50)])
  }
  const whole = classify([tls], { transport: 'tcp', port: 443, said: tls13.slice(0, 1) })
  const cut = classify([tls], { transport: 'tcp', port: 443, said })
  expect(cut.metadata).toEqual(whole.metadata)
  expect(cut.metadata.ja4).toMatch(/^t13d\d{4}h2_[0-9a-f]{12}_[0-9a-f]{12}$/)
})

test('a hello of 11 kB is read', () => {
  const hello = tls13[0]?.[1] as Uint8Array
  const padding = 11_000
  const body = Buffer.from(hello.subarray(5))
  const view = Buffer.concat([body, Buffer.alloc(4 + padding)])
  view.writeUInt16BE(21, body.length)
  view.writeUInt16BE(padding, body.length + 2)
  const sessionEnd = 39 + (body[38] ?? 0)
  const ciphersEnd = sessionEnd + 2 + body.readUInt16BE(sessionEnd)
  const extensionsAt = ciphersEnd + 1 + (body[ciphersEnd] ?? 0)
  view.writeUInt16BE(body.readUInt16BE(extensionsAt) + 4 + padding, extensionsAt)
  view.writeUIntBE(view.length - 4, 1, 3)
  const record = Buffer.concat([Buffer.of(0x16, 3, 1, view.length >> 8, view.length & 255), view])
  const said: Said[] = []
  for (let at = 0; at < record.length; at += 1000) {
    said.push(['client', Uint8Array.from(record.subarray(at, at + 1000))])
  }
  const found = classify([tls], { transport: 'tcp', port: 443, said })
  expect(found.metadata).toMatchObject({ hostname: 'www.example.test', sniKind: 'real' })
})

test('an offer of an encrypted hello is told, whether its name is the real one or not', () => {
  for (const [host, sniKind] of [
    ['cloudflare-ech.com', 'outer'],
    ['www.example.test', 'real'],
  ] as const) {
    const hello = Buffer.from(tlsHello(host, 40))
    // RFC 9849 §11.1: the extension has the number fe0d; it takes the place of the padding.
    hello.writeUInt16BE(0xfe0d, hello.indexOf(Buffer.of(0, 21, 0, 40)))
    const said: Said[] = [['client', Uint8Array.from(hello)]]
    const { metadata } = classify([tls], { transport: 'tcp', port: 443, said })
    expect(metadata).toMatchObject({ hostname: host, sniKind, echVersion: 'fe0d' })
  }
})
