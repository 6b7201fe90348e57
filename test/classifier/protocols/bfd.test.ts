import { bfd } from '../../../classifier/protocols/bfd.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  bfd,
  [
    {
      name: 'a control packet',
      transport: 'udp',
      port: 3784,
      said: [['client', hex('20 40 03 18 00000001 00000000 000f4240 000f4240 0007a120')]],
      confidence: 90,
    },
  ],
  [
    {
      name: 'no discriminator',
      transport: 'udp',
      port: 3784,
      said: [['client', hex('20 40 03 18 00000000 00000000 000f4240 000f4240 0007a120')]],
    },
  ]
)
