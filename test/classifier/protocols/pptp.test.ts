import { pptp } from '../../../classifier/protocols/pptp.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

const rest = '00'.repeat(140)

conforms(
  pptp,
  [
    {
      name: 'a connection that is asked for',
      transport: 'tcp',
      port: 1723,
      said: [
        ['client', hex(`009c 0001 1a2b3c4d 0001 0000 0100 0000 ${rest}`)],
        ['server', hex(`009c 0001 1a2b3c4d 0002 0000 0100 0100 ${rest}`)],
      ],
      confidence: 90,
    },
  ],
  [
    {
      name: 'another cookie',
      transport: 'tcp',
      port: 1723,
      said: [['client', hex('009c 0001 1a2b3c4e 0001')]],
    },
  ]
)
