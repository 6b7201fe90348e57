import { coap } from '../../../classifier/protocols/coap.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  coap,
  [
    {
      name: 'resources that are asked for',
      transport: 'udp',
      port: 5683,
      said: [
        [
          'client',
          hex('43 01 05ca 721633 2b2e77656c6c2d6b6e6f776e 04636f7265'.replace('2b2e', 'bb2e')),
        ],
        ['server', hex('63 45 05ca 721633 c128 ff 3c2f613e')],
      ],
      confidence: 90,
    },
  ],
  [
    {
      name: 'an option that is cut',
      transport: 'udp',
      port: 5683,
      said: [['client', hex('43 01 05ca 721633 bb2e77')]],
    },
  ]
)
