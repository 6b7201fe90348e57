import { openvpn } from '../../../classifier/protocols/openvpn.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

const session = '7a28a78275788d01'
const stamp = '00000001 57a1c15f'

conforms(
  openvpn,
  [
    {
      name: 'TCP without keys',
      transport: 'tcp',
      port: 1194,
      said: [
        ['client', hex(`000e 38 ${session} 00 00000000`)],
        ['server', hex(`001a 40 1122334455667788 01 00000000 ${session} 00000000`)],
      ],
    },
    {
      name: 'tls-auth with SHA-1',
      transport: 'udp',
      port: 1194,
      said: [
        ['client', hex(`38 ${session} ${'6e'.repeat(20)} ${stamp} 00 00000000`)],
        [
          'server',
          hex(`40 1122334455667788 ${'6e'.repeat(20)} ${stamp} 01 00000000 ${session} 00000000`),
        ],
      ],
      confidence: 85,
    },
    {
      name: 'tls-crypt',
      transport: 'udp',
      port: 443,
      said: [['client', hex(`38 ${session} ${stamp} ${'7b'.repeat(32)} 0102030405`)]],
    },
    {
      name: 'tls-crypt-v2',
      transport: 'udp',
      port: 443,
      said: [
        [
          'client',
          hex(
            `50 ${session} 0f000001 67a1c15f ${'7b'.repeat(32)} 0102030405 ${'ee'.repeat(300)} 0131`
          ),
        ],
      ],
    },
    {
      name: 'a server alone',
      transport: 'udp',
      port: 443,
      said: [['server', hex(`40 d31c3a6964602fa0 01 00000000 ${session} 00000000`)]],
    },
  ],
  [
    {
      name: 'another size',
      transport: 'udp',
      port: 1194,
      said: [['client', hex(`38 ${session} 00 00000000 00`)]],
    },
  ]
)
