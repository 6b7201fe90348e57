import { warcraft3 } from '../../../classifier/protocols/warcraft3.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  warcraft3,
  [
    {
      name: 'games that are looked for',
      transport: 'udp',
      port: 6112,
      clientPort: 6112,
      said: [['client', hex('f7 2f 1000 50583357 1a000000 00000000')]],
      confidence: 85,
    },
    {
      name: 'a game that is joined',
      transport: 'tcp',
      port: 6112,
      said: [['client', hex('f7 1e 0c00 01000000 00000000')]],
    },
  ],
  [
    {
      name: 'another length',
      transport: 'udp',
      port: 6112,
      said: [['client', hex('f7 2f 1100 50583357 1a000000 00000000')]],
    },
  ]
)
