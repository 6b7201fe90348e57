import { hsrp } from '../../../classifier/protocols/hsrp.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  hsrp,
  [
    {
      name: 'version 1',
      transport: 'udp',
      port: 1985,
      clientPort: 1985,
      said: [['client', hex('00 00 10 03 0a 5a 0a 00 636973636f000000 0a1ca8fe')]],
      confidence: 90,
    },
    {
      name: 'version 2',
      transport: 'udp',
      port: 1985,
      clientPort: 1985,
      said: [['client', hex(`01 28 02 00 05 04 ${'00'.repeat(36)} 03 08 636973636f000000`)]],
    },
  ],
  [
    {
      name: 'another state',
      transport: 'udp',
      port: 1985,
      said: [['client', hex('00 00 11 03 0a 5a 0a 00 636973636f000000 0a1ca8fe')]],
    },
  ]
)
