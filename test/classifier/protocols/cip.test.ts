import { cip } from '../../../classifier/protocols/cip.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  cip,
  [
    {
      name: 'data of a cycle',
      transport: 'udp',
      port: 2222,
      said: [
        ['client', hex('0200 0280 0800 787b3a00 e8cb5e04 b100 0c00 0300 fdffffffffffffff 0000')],
      ],
      confidence: 90,
    },
  ],
  [
    {
      name: 'a wrong length',
      transport: 'udp',
      port: 2222,
      said: [
        ['client', hex('0200 0280 0800 787b3a00 e8cb5e04 b100 0d00 0300 fdffffffffffffff 0000')],
      ],
    },
  ]
)
