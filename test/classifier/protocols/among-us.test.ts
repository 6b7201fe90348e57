import { amongUs } from '../../../classifier/protocols/among-us.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  amongUs,
  [
    {
      name: 'a hello',
      transport: 'udp',
      port: 22023,
      said: [
        ['client', hex('08 0001 00 80d90203 06 414141414141')],
        ['server', hex('0a 0001 ff')],
      ],
      application: 'among-us',
    },
  ],
  [
    {
      name: 'another port',
      transport: 'udp',
      port: 22024,
      said: [['client', hex('08 0001 00 80d90203 06 414141414141')]],
    },
  ]
)
