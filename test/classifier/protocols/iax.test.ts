import { iax } from '../../../classifier/protocols/iax.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  iax,
  [
    {
      name: 'a call',
      transport: 'udp',
      port: 4570,
      said: [
        [
          'client',
          hex(
            '8001 0000 00000003 00 00 06 01 0b 02 0002 01 03 323032 02 03 313031 06 05 616c696365'
          ),
        ],
      ],
      confidence: 80,
      metadata: { callTo: '202', callFrom: '101', userName: 'alice' },
    },
    {
      name: 'a question whether somebody is there',
      transport: 'udp',
      port: 4569,
      said: [['client', hex('8001 0000 00000003 00 00 06 02')]],
    },
  ],
  [
    {
      name: 'elements that do not fill it',
      transport: 'udp',
      port: 4569,
      said: [['client', hex('8001 0000 00000003 00 00 06 01 0b 04 0002')]],
    },
  ]
)
