import { dhcp } from '../../../classifier/protocols/dhcp.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

const message = (op: string, options: string): Uint8Array =>
  hex(
    `${op} 01 06 00 12345678 0000 0000 ${'00'.repeat(16)} 020000000001 ${'00'.repeat(202)} 63825363 ${options}`
  )

conforms(
  dhcp,
  [
    {
      name: 'a client that asks for an address',
      transport: 'udp',
      port: 67,
      clientPort: 68,
      said: [['client', message('01', '350101 0c034c6170 3704 01031cff 3c04 4d534654 ff')]],
      confidence: 100,
      metadata: { hostname: 'lap', dhcpFingerprint: '1,3,28,255', dhcpClass: 'MSFT' },
    },
    {
      name: 'a full name in labels',
      transport: 'udp',
      port: 67,
      said: [['client', message('01', '350103 510a 04 00 00 03706331 02637a ff')]],
      metadata: { hostname: 'pc1.cz' },
    },
    {
      name: 'BOOTP',
      transport: 'udp',
      port: 67,
      said: [['client', message('01', 'ff')]],
      confidence: 90,
    },
  ],
  [
    {
      name: 'a wrong type',
      transport: 'udp',
      port: 67,
      said: [['client', message('01', '35017fff')]],
    },
    { name: 'another cookie', transport: 'udp', port: 67, said: [['client', new Uint8Array(300)]] },
  ]
)
