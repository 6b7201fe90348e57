import { createCipheriv } from 'node:crypto'
import { expect, test } from 'vitest'
import { quic } from '../../../classifier/protocols/quic.ts'
import { initialKeys } from '../../../classifier/wire/quic-initial.ts'
import type { InitialKeys } from '../../../classifier/wire/quic-initial.ts'
import { quicVersion } from '../../../classifier/wire/quic-versions.ts'
import { conforms } from './conformance.ts'
import { classify, hex } from './talk.ts'
import type { Said } from './talk.ts'
import { tlsTalk } from './tls-talk.ts'

const destination = hex('8394c8f03e515708')

function keysOf(version: number, id = destination): InitialKeys {
  const known = quicVersion(version)
  if (known?.salt === undefined) throw new Error('no such version')
  return initialKeys(known, known.salt, id)
}

test.each([
  // RFC 9001 §A.1 and RFC 9369 §A.1.
  [
    1,
    '1f369613dd76d5467730efcbe3b1a22d',
    'fa044b2f42a3fd3b46fb255c',
    '9f50449e04a0e810283a1e9933adedd2',
  ],
  [
    0x6b3343cf,
    '8b1a0bc121284290a29e0971b5cd045d',
    '91f73e2351d8fa91660e909f',
    '45b95e15235d6f45a6b19cbcb0294ba9',
  ],
])('keys of version %s are those of its RFC', (version, key, iv, headerKey) => {
  const keys = keysOf(version)
  expect(keys.key.toString('hex')).toBe(key)
  expect(keys.iv.toString('hex')).toBe(iv)
  expect(keys.headerKey.toString('hex')).toBe(headerKey)
})

const varint = (value: number): number[] => [0x40 | (value >> 8), value & 255]

/** Seals an Initial packet as a client does (RFC 9001 §5), written apart from what opens it. */
function seal(version: number, frames: Uint8Array, number: number, id = destination): Uint8Array {
  const keys = keysOf(version, id)
  const type = quicVersion(version)?.initialType === 1 ? 0xd0 : 0xc0
  const versionOctets = [24, 16, 8, 0].map((shift) => (version >>> shift) & 255)
  const padded = Buffer.concat([frames, Buffer.alloc(Math.max(0, 1100 - frames.length))])
  const length = 4 + padded.length + 16
  const header = Buffer.from([
    type | 3,
    ...versionOctets,
    id.length,
    ...id,
    0,
    0,
    ...varint(length),
    0,
    0,
    0,
    number,
  ])
  const nonce = Buffer.from(keys.iv)
  nonce[11] = (nonce[11] ?? 0) ^ number
  const cipher = createCipheriv('aes-128-gcm', keys.key, nonce)
  cipher.setAAD(header)
  const sealed = Buffer.concat([cipher.update(padded), cipher.final(), cipher.getAuthTag()])
  const sample = sealed.subarray(0, 16)
  const mask = createCipheriv('aes-128-ecb', keys.headerKey, null).update(sample)
  header[0] = (header[0] ?? 0) ^ ((mask[0] ?? 0) & 15)
  for (let i = 0; i < 4; i++) {
    const at = header.length - 4 + i
    header[at] = (header[at] ?? 0) ^ (mask[i + 1] ?? 0)
  }
  return Uint8Array.from(Buffer.concat([header, sealed]))
}

const crypto = (octets: Uint8Array, offset: number): Uint8Array =>
  Uint8Array.of(6, ...varint(offset), ...varint(octets.length), ...octets)

const talk = await tlsTalk('TLSv1.3', 'quic.example.test', ['h3'])
const hello = Uint8Array.from(talk[0]?.[1] as Uint8Array).subarray(5)
const half = Math.floor(hello.length / 2)
const expected = { hostname: 'quic.example.test', alpn: ['h3'], sniKind: 'real' } as const

const versions = [
  ['version 1', 1],
  ['version 2', 0x6b3343cf],
  ['draft 29', 0xff00001d],
  ['draft 27', 0xff00001b],
] as const

conforms(
  quic,
  [
    ...versions.map(([name, version]) => ({
      name,
      transport: 'udp' as const,
      port: 4433,
      said: [['client', seal(version, crypto(hello, 0), 1)]] as Said[],
      confidence: 100,
      metadata: expected,
    })),
    {
      name: 'a hello in pieces that are out of order, over two datagrams',
      transport: 'udp',
      port: 443,
      said: [
        ['client', seal(1, Uint8Array.of(1, 0, 0, ...crypto(hello.subarray(half), half)), 1)],
        [
          'client',
          seal(
            1,
            Uint8Array.of(
              ...crypto(hello.subarray(10, half), 10),
              ...crypto(hello.subarray(0, 20), 0)
            ),
            2
          ),
        ],
      ],
      metadata: expected,
    },
    {
      name: 'a Retry after which the client sends to another id',
      transport: 'udp',
      port: 443,
      said: [
        ['client', seal(1, crypto(hello.subarray(0, 50), 0), 1)],
        [
          'server',
          hex('f0 00000001 00 08 0102030405060708 aabbccdd 00000000000000000000000000000000'),
        ],
        ['client', seal(1, crypto(hello, 0), 2, hex('0102030405060708'))],
      ],
      metadata: expected,
    },
    {
      name: 'a version that nobody can open',
      transport: 'udp',
      port: 443,
      said: [
        [
          'client',
          Uint8Array.from([
            0xc3,
            0x1a,
            0x2a,
            0x3a,
            0x4a,
            8,
            1,
            2,
            3,
            4,
            5,
            6,
            7,
            8,
            0,
            0,
            ...varint(40),
            ...new Uint8Array(40),
          ]),
        ],
      ],
      confidence: 90,
    },
    {
      name: 'version negotiation',
      transport: 'udp',
      port: 443,
      said: [['server', hex('80 00000000 00 08 0102030405060708 00000001 6b3343cf')]],
    },
  ],
  [
    {
      name: 'a long header of no version',
      transport: 'udp',
      port: 443,
      said: [['client', hex('c0 12345678 00 00 00 00 00 00')]],
    },
    {
      name: 'a length beyond the datagram',
      transport: 'udp',
      port: 443,
      said: [['client', hex('c3 00000001 00 00 00 4fff 0102030405')]],
    },
  ]
)

test('the same hello has one fingerprint, over QUIC with a q', () => {
  const found = classify([quic], {
    transport: 'udp',
    port: 443,
    said: [['client', seal(1, crypto(hello, 0), 1)]],
  })
  expect(found.metadata.ja4).toMatch(/^q13d\d{4}h3_[0-9a-f]{12}_[0-9a-f]{12}$/)
})
