import { dtls } from '../../../classifier/protocols/dtls.ts'
import { stun } from '../../../classifier/protocols/stun.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'
import { tlsTalk } from './tls-talk.ts'

const udp = { transport: 'udp', port: 3478 } as const
const id = '0102030405060708090a0b0c'
const request = hex(`0001 0000 2112a442 ${id}`)
// RFC 8489 §14.2: 198.51.100.7:40000 mixed with the magic.
const reply = hex(`0101 000c 2112a442 ${id} 0020 0008 0001 bd52 e721c045`)
const realm = hex(`0113 0010 2112a442 ${id} 0014 000a 7369676e616c2e6f7267 0000`)

/** A DTLS 1.2 ClientHello (RFC 6347 §4.2.2) of the fields of a TLS one, as fragments. */
function dtlsHello(tls: Uint8Array, from: number, to: number): Uint8Array {
  const hello = tls.subarray(9)
  const session = 35 + (hello[34] ?? 0)
  const body = Uint8Array.of(
    0xfe,
    0xfd,
    ...hello.subarray(2, session),
    0,
    ...hello.subarray(session)
  )
  const part = body.subarray(from, Math.min(to, body.length))
  const n24 = (value: number): number[] => [value >> 16, (value >> 8) & 255, value & 255]
  const message = [1, ...n24(body.length), 0, 0, ...n24(from), ...n24(part.length), ...part]
  const head = [22, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, message.length >> 8, message.length & 255]
  return Uint8Array.of(...head, ...message)
}

const hello = (await tlsTalk('TLSv1.2', 'dtls.example.test'))[0]?.[1] as Uint8Array
const whole = dtlsHello(hello, 0, 10_000)

conforms(
  stun,
  [
    {
      ...udp,
      name: 'a binding',
      said: [
        ['client', request],
        ['server', reply],
      ],
      confidence: 100,
      metadata: { stunMapped: '198.51.100.7:40000' },
    },
    {
      ...udp,
      name: 'where else the server answers, and where it did (RFC 5780)',
      said: [
        ['client', request],
        [
          'server',
          hex(`0101 0018 2112a442 ${id} 802b 0008 0001 0d96 c6336401 802c 0008 0001 0d97 c6336402`),
        ],
      ],
      metadata: { stunResponse: '198.51.100.1:3478', stunOther: '198.51.100.2:3479' },
    },
    {
      ...udp,
      name: 'the same by the names of RFC 3489',
      said: [
        [
          'server',
          hex(`0101 0018 00112233445566778899aabbccddeeff 0004 0008 0001 0d96 c6336401
            0005 0008 0001 0d97 c6336402`),
        ],
      ],
      metadata: { stunResponse: '198.51.100.1:3478', stunOther: '198.51.100.2:3479' },
    },
    {
      ...udp,
      name: 'a realm that betrays the service',
      said: [['server', realm]],
      application: 'signal',
      metadata: { realm: 'signal.org' },
    },
    {
      ...udp,
      name: 'attributes that only one maker has, not padded',
      said: [['client', hex(`0003 0007 2112a442 ${id} 4000 0003 616263`)]],
      application: 'whatsapp',
    },
    {
      ...udp,
      name: 'DTLS behind it',
      protocol: 'dtls',
      said: [
        ['client', request],
        ['client', whole],
      ],
      metadata: { hostname: 'dtls.example.test' },
    },
    {
      transport: 'tcp',
      port: 443,
      name: 'a stream of framed messages',
      said: [['client', Uint8Array.of(0, request.length, ...request)]],
    },
  ],
  [
    {
      ...udp,
      name: 'a length that does not fit',
      said: [['client', hex(`0001 0004 2112a442 ${id}`)]],
    },
    {
      ...udp,
      name: 'no magic and no attributes',
      port: 9,
      said: [['client', hex(`0001 0000 00000000 ${id}`)]],
    },
  ]
)

conforms(
  dtls,
  [
    {
      ...udp,
      name: 'a hello',
      said: [['client', whole]],
      metadata: { hostname: 'dtls.example.test' },
    },
    {
      ...udp,
      name: 'a hello in two fragments, the second first',
      said: [
        ['client', dtlsHello(hello, 60, 10_000)],
        ['client', dtlsHello(hello, 0, 60)],
      ],
      metadata: { hostname: 'dtls.example.test' },
    },
  ],
  [
    {
      ...udp,
      name: 'a record that is too long',
      said: [['client', hex('16 feff 0000 000000000000 0400 01')]],
    },
  ]
)
