import { afp } from '../../../classifier/protocols/afp.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  afp,
  [
    {
      name: 'a session that is opened',
      transport: 'tcp',
      port: 5480,
      said: [
        ['client', hex('00 04 0001 00000000 00000006 00000000 0104 00000400')],
        ['server', hex('01 04 0001 00000000 00000006 00000000 0004 00100000')],
      ],
      confidence: 100,
    },
    {
      name: 'a client alone',
      transport: 'tcp',
      port: 548,
      said: [['client', hex('00 03 0000 00000000 00000000 00000000')]],
      confidence: 90,
    },
  ],
  [
    { name: 'zeros', transport: 'tcp', port: 548, said: [['client', new Uint8Array(24)]] },
    {
      name: 'another number',
      transport: 'tcp',
      port: 5480,
      said: [
        ['client', hex('00 04 0001 00000000 00000006 00000000 0104 00000400')],
        ['server', hex('01 04 0002 00000000 00000006 00000000 0004 00100000')],
      ],
    },
  ]
)
