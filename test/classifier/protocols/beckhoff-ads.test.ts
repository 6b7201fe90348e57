import { beckhoffAds } from '../../../classifier/protocols/beckhoff-ads.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  beckhoffAds,
  [
    {
      name: 'a state that is read',
      transport: 'tcp',
      port: 48898,
      said: [
        [
          'client',
          hex(
            '0000 20000000 c0a801010101 5303 c0a801020101 8000 0400 0400 00000000 00000000 01000000'
          ),
        ],
      ],
      confidence: 90,
    },
  ],
  [
    {
      name: 'lengths that do not agree',
      transport: 'tcp',
      port: 48898,
      said: [
        [
          'client',
          hex(
            '0000 21000000 c0a801010101 5303 c0a801020101 8000 0400 0400 00000000 00000000 01000000'
          ),
        ],
      ],
    },
  ]
)
