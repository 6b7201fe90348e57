import { collectd } from '../../../classifier/protocols/collectd.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  collectd,
  [
    {
      name: 'a host and a time',
      transport: 'udp',
      port: 25826,
      said: [
        [
          'client',
          hex('0000 0009 686f737400 0008 000c 18aa874808818df4 0009 000c 0000000280000000'),
        ],
      ],
      confidence: 90,
    },
  ],
  [
    {
      name: 'a wrong length',
      transport: 'udp',
      port: 25826,
      said: [['client', hex('0000 0009 686f737400 0008 000d 18aa874808818df4')]],
    },
  ]
)
