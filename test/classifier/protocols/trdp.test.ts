import { trdp } from '../../../classifier/protocols/trdp.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  trdp,
  [
    {
      name: 'a request',
      transport: 'udp',
      port: 17225,
      said: [
        [
          'client',
          hex(`00000000 0100 4d72 000003e9 00000000 00000000 0000000d ${'69'.repeat(108)}`),
        ],
      ],
      confidence: 90,
    },
  ],
  [
    {
      name: 'another type',
      transport: 'udp',
      port: 17225,
      said: [
        [
          'client',
          hex(`00000000 0100 4d73 000003e9 00000000 00000000 0000000d ${'69'.repeat(108)}`),
        ],
      ],
    },
  ]
)
