import { rtps } from '../../../classifier/protocols/rtps.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  rtps,
  [
    {
      name: 'data',
      transport: 'udp',
      port: 7400,
      said: [
        ['client', hex('52545053 0203 010f 010f112233445566 01000000 0901 0008 0011223344556677')],
      ],
      confidence: 90,
    },
  ],
  [
    {
      name: 'another version',
      transport: 'udp',
      port: 7400,
      said: [['client', hex('52545053 4142 010f')]],
    },
  ]
)
