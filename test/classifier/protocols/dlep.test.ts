import { dlep } from '../../../classifier/protocols/dlep.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  dlep,
  [
    {
      name: 'a discovery',
      transport: 'udp',
      port: 854,
      said: [['client', hex('444c4550 0001 0008 0004 0004 00656d75')]],
      confidence: 90,
    },
    {
      name: 'a session',
      transport: 'tcp',
      port: 854,
      said: [['client', hex('0001 0014 0005 0004 0000ea60 0004 0008 00656d756c617465')]],
    },
  ],
  [
    {
      name: 'a wrong length',
      transport: 'udp',
      port: 854,
      said: [['client', hex('444c4550 0001 0009 0004 0004 00656d75')]],
    },
  ]
)
