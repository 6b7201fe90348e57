import { sflow } from '../../../classifier/protocols/sflow.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  sflow,
  [
    {
      name: 'a sample of counters',
      transport: 'udp',
      port: 6343,
      said: [
        [
          'client',
          hex(
            '00000005 00000001 ac152311 00000001 0000019f 673dd710 00000001 00000002 00000008 00002125 00000406'
          ),
        ],
      ],
      confidence: 90,
    },
  ],
  [
    {
      name: 'a wrong length',
      transport: 'udp',
      port: 6343,
      said: [
        [
          'client',
          hex(
            '00000005 00000001 ac152311 00000001 0000019f 673dd710 00000001 00000002 00000009 00002125 00000406'
          ),
        ],
      ],
    },
  ]
)
