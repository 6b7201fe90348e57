import { rdp } from '../../../classifier/protocols/rdp.ts'
import { conforms } from './conformance.ts'
import { hex, latin1 } from './talk.ts'
import { tlsHello } from './tls-hello.ts'

const cookie = 'Cookie: mstshash=alice\r\n'
const request = Uint8Array.from([
  ...hex('0300'),
  0,
  19 + cookie.length,
  14 + cookie.length,
  ...hex('e0 0000 0000 00'),
  ...latin1(cookie),
  ...hex('01 00 0800 03000000'),
])

conforms(
  rdp,
  [
    {
      name: 'TLS, agreed and begun',
      transport: 'tcp',
      port: 3390,
      said: [
        ['client', request],
        ['server', hex('0300 0013 0e d0 0000 1234 00 02 1f 0800 01000000')],
        ['client', tlsHello('desk.example.net')],
      ],
      metadata: { userName: 'alice', hostname: 'desk.example.net' },
      risks: [],
    },
    {
      name: 'security of its own',
      transport: 'tcp',
      port: 3389,
      said: [
        ['client', request],
        ['server', hex('0300 0013 0e d0 0000 1234 00 02 00 0800 00000000')],
      ],
      confidence: 100,
      risks: ['weak-cipher'],
    },
    {
      name: 'an old client',
      transport: 'tcp',
      port: 3389,
      said: [['client', hex('0300 000b 06 e0 0000 0000 00')]],
      confidence: 70,
    },
    {
      name: 'UDP',
      transport: 'udp',
      port: 3389,
      said: [['client', hex(`ffffffff 0040 0001 12345678 04d0 04d0 ${'00'.repeat(1216)}`)]],
      confidence: 90,
    },
  ],
  [
    {
      name: 'S7 over X.224',
      transport: 'tcp',
      port: 102,
      said: [['client', hex('0300 0016 11 e0 0000 0001 00 c0010a c1020100 c2020102')]],
    },
  ]
)
