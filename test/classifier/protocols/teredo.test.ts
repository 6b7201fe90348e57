import { teredo } from '../../../classifier/protocols/teredo.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

const link = 'fe80000000000000 8000ffffffffffff'
const all = 'ff02000000000000 0000000000000002'

conforms(
  teredo,
  [
    {
      name: 'a router that is asked for',
      transport: 'udp',
      port: 3544,
      said: [
        [
          'client',
          hex(`0001 00 00 1122334455667788 00 60000000 0008 3a ff ${link} ${all} 85007d3700000000`),
        ],
      ],
    },
    {
      name: 'a bubble',
      transport: 'udp',
      port: 3545,
      said: [
        [
          'client',
          hex(`60000000 0000 3b 15 20010000 ${'11'.repeat(12)} 20010000 ${'22'.repeat(12)}`),
        ],
      ],
    },
  ],
  [
    {
      name: 'a wrong length',
      transport: 'udp',
      port: 3544,
      said: [['client', hex(`60000000 0009 3a ff ${link} ${all} 85007d3700000000`)]],
    },
  ]
)
