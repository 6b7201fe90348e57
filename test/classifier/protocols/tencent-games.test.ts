import { tencentGames } from '../../../classifier/protocols/tencent-games.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  tencentGames,
  [
    {
      name: 'a connection',
      transport: 'tcp',
      port: 65010,
      said: [
        [
          'client',
          hex(`3366 000b 000b 1001 00000000 01000000 4c000000 00000000 ${'02'.repeat(52)}`),
        ],
      ],
      application: 'tencent-games',
    },
  ],
  [
    {
      name: 'no version',
      transport: 'tcp',
      port: 65010,
      said: [['client', hex(`3366 000b 100b 1001 00000000 01000000 4c000000 00000000`)]],
    },
  ]
)
