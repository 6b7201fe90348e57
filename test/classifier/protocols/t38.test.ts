import { t38 } from '../../../classifier/protocols/t38.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  t38,
  [
    {
      name: 'a fax that begins',
      transport: 'udp',
      port: 4000,
      said: [
        ['client', hex('0000 01 00 00 00')],
        ['client', hex('0001 01 06 00 01 01 00')],
        ['client', hex('0002 05 c001800000 00 01 01 06')],
      ],
      confidence: 80,
    },
  ],
  [
    {
      name: 'numbers that jump',
      transport: 'udp',
      port: 4000,
      said: [
        ['client', hex('0000 01 00 00 00')],
        ['client', hex('1001 01 06 00 00')],
        ['client', hex('2002 01 06 00 00')],
      ],
    },
    {
      name: 'octets that are left over',
      transport: 'udp',
      port: 4000,
      said: [
        ['client', hex('0000 01 00 00 00 00')],
        ['client', hex('0001 01 00 00 00 00')],
        ['client', hex('0002 01 00 00 00 00')],
      ],
    },
  ]
)
