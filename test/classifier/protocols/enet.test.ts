import { enet } from '../../../classifier/protocols/enet.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  enet,
  [
    {
      name: 'a connection that is asked for',
      transport: 'udp',
      port: 20021,
      said: [
        [
          'client',
          hex(
            `8fff 0001 82 ff 0001 0000 ffff 000004b0 00010000 000000ff ${'00'.repeat(8)} 00001388 00000002 00000002 11223344 00000000`
          ),
        ],
      ],
      confidence: 90,
    },
  ],
  [
    {
      name: 'a wrong MTU',
      transport: 'udp',
      port: 20021,
      said: [
        [
          'client',
          hex(
            `8fff 0001 82 ff 0001 0000 ffff 00000040 00010000 000000ff ${'00'.repeat(8)} 00001388 00000002 00000002 11223344 00000000`
          ),
        ],
      ],
    },
  ]
)
