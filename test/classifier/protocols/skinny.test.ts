import { skinny } from '../../../classifier/protocols/skinny.ts'
import { conforms } from './conformance.ts'
import { hex, latin1 } from './talk.ts'

const register = Uint8Array.from([
  ...hex('34000000 00000000 01000000'),
  ...latin1('SEP001122334455\0'),
  ...hex(`00000000 01000000 c0000201 07000000 ${'00'.repeat(16)}`),
])

conforms(
  skinny,
  [
    {
      name: 'a phone that registers',
      transport: 'tcp',
      port: 2443,
      said: [
        ['client', register],
        ['server', hex('14000000 00000000 81000000 1e000000 00000000 3c000000 00000000')],
      ],
      confidence: 100,
      metadata: { clientId: 'SEP001122334455' },
    },
    {
      name: 'a phone that is there',
      transport: 'tcp',
      port: 2000,
      said: [['client', hex('04000000 00000000 00000000')]],
      confidence: 80,
    },
  ],
  [
    {
      name: 'small numbers elsewhere',
      transport: 'tcp',
      port: 3000,
      said: [['client', hex('04000000 00000000 00000000')]],
    },
    { name: 'zeros', transport: 'tcp', port: 2000, said: [['client', new Uint8Array(32)]] },
  ]
)
