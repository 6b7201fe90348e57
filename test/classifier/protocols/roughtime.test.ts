import { roughtime } from '../../../classifier/protocols/roughtime.ts'
import { conforms } from './conformance.ts'
import { hex, latin1 } from './talk.ts'

conforms(
  roughtime,
  [
    {
      name: 'a question of old',
      transport: 'udp',
      port: 2002,
      said: [
        [
          'client',
          hex(`02000000 40000000 4e4f4e43 504144ff ${'45'.repeat(64)} ${'00'.repeat(900)}`),
        ],
      ],
      confidence: 90,
    },
    {
      name: 'a question',
      transport: 'udp',
      port: 2002,
      said: [['client', latin1('ROUGHTIM\0\x04\0\0\x02\0\0\0')]],
    },
  ],
  [
    {
      name: 'other tags',
      transport: 'udp',
      port: 2002,
      said: [['client', hex('02000000 40000000 4e4f4e44 504144ff')]],
    },
  ]
)
