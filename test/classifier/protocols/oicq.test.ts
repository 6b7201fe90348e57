import { oicq } from '../../../classifier/protocols/oicq.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  oicq,
  [
    {
      name: 'a keep-alive',
      transport: 'udp',
      port: 8000,
      said: [
        ['client', hex('02 3a41 0058 3c2e 1b2c3d4e 0000 a1b2 03')],
        ['server', hex('02 3a41 0058 3c2e 1b2c3d4e 0000 a1b2 03')],
      ],
      application: 'qq',
    },
  ],
  [
    {
      name: 'no end',
      transport: 'udp',
      port: 8000,
      said: [['client', hex('02 3a41 0058 3c2e 1b2c3d4e 0000 a1b2 04')]],
    },
  ]
)
