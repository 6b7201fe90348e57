import { lisp } from '../../../classifier/protocols/lisp.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  lisp,
  [
    {
      name: 'a registration',
      transport: 'udp',
      port: 4342,
      clientPort: 4342,
      said: [['client', hex(`32 00 01 01 67ab931f9e8b974a 0001 0014 ${'b7'.repeat(20)} 000005a0`)]],
    },
    {
      name: 'TCP',
      transport: 'tcp',
      port: 4342,
      said: [['server', hex('0014 000f 00000000 000000 9facade9')]],
    },
  ],
  [
    {
      name: 'another port',
      transport: 'udp',
      port: 4000,
      said: [['client', hex(`32 00 01 01 67ab931f9e8b974a 0001 0014`)]],
    },
  ]
)
