import { ldp } from '../../../classifier/protocols/ldp.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  ldp,
  [
    {
      name: 'a hello',
      transport: 'udp',
      port: 646,
      clientPort: 646,
      said: [
        [
          'client',
          hex('0001 001e 0a000006 0000 0100 0014 00000000 0400 0004 000f0000 0401 0004 0a000006'),
        ],
      ],
      confidence: 90,
    },
  ],
  [
    {
      name: 'a wrong length',
      transport: 'udp',
      port: 646,
      said: [
        [
          'client',
          hex('0001 001f 0a000006 0000 0100 0014 00000000 0400 0004 000f0000 0401 0004 0a000006'),
        ],
      ],
    },
  ]
)
