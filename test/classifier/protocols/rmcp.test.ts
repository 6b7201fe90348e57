import { rmcp } from '../../../classifier/protocols/rmcp.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  rmcp,
  [
    {
      name: 'what a controller can',
      transport: 'udp',
      port: 623,
      said: [['client', hex('06 00 ff 07 00 00000000 00000000 09 20 18 c8 81 00 38 8e 04 b5')]],
      confidence: 90,
    },
    {
      name: 'a ping',
      transport: 'udp',
      port: 623,
      said: [['client', hex('06 00 ff 06 000011be 80 00 00 00')]],
    },
  ],
  [
    {
      name: 'a wrong length',
      transport: 'udp',
      port: 623,
      said: [['client', hex('06 00 ff 06 000011be 80 00 00 01')]],
    },
  ]
)
