import { photon } from '../../../classifier/protocols/photon.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  photon,
  [
    {
      name: 'a connection that is asked for',
      transport: 'udp',
      port: 5055,
      said: [
        [
          'client',
          hex(`ffff 00 01 00000004 22b6e6ba 02 ff 01 04 0000002c 00000001 ${'00'.repeat(32)}`),
        ],
        [
          'server',
          hex('0000 00 01 00000008 22b6e6ba 01 ff 00 00 00000014 00000000 0000000100000004'),
        ],
      ],
    },
  ],
  [
    {
      name: 'a wrong length',
      transport: 'udp',
      port: 5055,
      said: [
        [
          'client',
          hex(`ffff 00 01 00000004 22b6e6ba 02 ff 01 04 0000002d 00000001 ${'00'.repeat(32)}`),
        ],
      ],
    },
  ]
)
