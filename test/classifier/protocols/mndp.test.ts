import { mndp } from '../../../classifier/protocols/mndp.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  mndp,
  [
    {
      name: 'an announcement',
      transport: 'udp',
      port: 5678,
      clientPort: 5678,
      said: [
        [
          'client',
          hex('0000 0001 0001 0006 6c3b6b112233 0007 0004 372e3134 0008 0008 4d696b726f54696b'),
        ],
      ],
      confidence: 90,
      metadata: { software: 'RouterOS 7.14' },
    },
  ],
  [
    {
      name: 'a wrong length',
      transport: 'udp',
      port: 5678,
      said: [['client', hex('0000 0001 0001 0006 6c3b6b112233 0008 0009 4d696b726f54696b')]],
    },
  ]
)
