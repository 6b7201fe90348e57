import { fastcgi } from '../../../classifier/protocols/fastcgi.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  fastcgi,
  [
    {
      name: 'a request',
      transport: 'tcp',
      port: 9000,
      said: [['client', hex('01 01 0001 0008 00 00 0001 00 0000000000')]],
      confidence: 90,
    },
  ],
  [
    {
      name: 'another role',
      transport: 'tcp',
      port: 9000,
      said: [['client', hex('01 01 0001 0008 00 00 0009 00 0000000000')]],
    },
  ]
)
