import { eaq } from '../../../classifier/protocols/eaq.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

const probe = (number: string): string => `${number} 00000dda 00014b07 00009000`

conforms(
  eaq,
  [
    {
      name: 'four probes',
      transport: 'udp',
      port: 6000,
      said: [
        ['client', hex(probe('00000000'))],
        ['client', hex(probe('00000001'))],
        ['client', hex(probe('00000002'))],
        ['client', hex(probe('00000003'))],
      ],
      confidence: 75,
    },
  ],
  [
    {
      name: 'numbers that jump',
      transport: 'udp',
      port: 6000,
      said: [
        ['client', hex(probe('00000000'))],
        ['client', hex(probe('00000003'))],
      ],
    },
  ]
)
