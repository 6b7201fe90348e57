import { dhcpv6 } from '../../../classifier/protocols/dhcpv6.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  dhcpv6,
  [
    {
      name: 'a client that solicits',
      transport: 'udp',
      port: 547,
      clientPort: 546,
      said: [
        [
          'client',
          hex(
            '01 123456 0001 000a 0003 0001 020000000001 0006 0004 0017 0018' +
              '0010 000e 00000137 0008 4d53465420352e30 0027 0009 01 03706331 02637a 00'
          ),
        ],
      ],
      confidence: 95,
      metadata: { hostname: 'pc1.cz', dhcpFingerprint: '23,24', dhcpClass: 'MSFT 5.0' },
    },
    {
      name: 'a relay',
      transport: 'udp',
      port: 547,
      clientPort: 547,
      said: [['client', hex(`0c 00 ${'00'.repeat(32)} 0009 0004 01123456`)]],
    },
  ],
  [
    {
      name: 'options that do not fill it',
      transport: 'udp',
      port: 547,
      said: [['client', hex('01 123456 0001 000a 0003 0001')]],
    },
    { name: 'another port', transport: 'udp', port: 5000, said: [['client', hex('01 123456')]] },
  ]
)
