import { zerotier } from '../../../classifier/protocols/zerotier.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  zerotier,
  [
    {
      name: 'HELLO',
      transport: 'udp',
      port: 9993,
      said: [
        [
          'client',
          hex(
            `1122334455667788 a09acf0233 8056c2e21c 00 ${'5c'.repeat(8)} 01 0d 01 0c 0002 0000018f11223344 8056c2e21c 00 ${'7d'.repeat(64)}`
          ),
        ],
      ],
      application: 'zerotier',
    },
  ],
  [
    {
      name: 'another address',
      transport: 'udp',
      port: 9993,
      said: [
        [
          'client',
          hex(
            `1122334455667788 a09acf0233 8056c2e21d 00 ${'5c'.repeat(8)} 01 0d 01 0c 0002 0000018f11223344 8056c2e21c 00 ${'7d'.repeat(64)}`
          ),
        ],
      ],
    },
  ]
)
