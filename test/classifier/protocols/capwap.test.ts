import { capwap } from '../../../classifier/protocols/capwap.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  capwap,
  [
    {
      name: 'a search',
      transport: 'udp',
      port: 5246,
      said: [
        ['client', hex('00 20 02 10 00000000 06580a20690e20e8 00000001 00 0008 00 0014 0001 00')],
      ],
    },
    {
      name: 'DTLS',
      transport: 'udp',
      port: 5246,
      said: [['client', hex('01000000 16 feff 0000 000000000000 0004 01020304')]],
    },
  ],
  [
    {
      name: 'a wrong length',
      transport: 'udp',
      port: 5246,
      said: [['client', hex('00 10 02 00 00000000 00000001 00 0009 00 0014 0001 00')]],
    },
  ]
)
