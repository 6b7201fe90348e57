import { doip } from '../../../classifier/protocols/doip.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  doip,
  [
    {
      name: 'vehicles that are looked for',
      transport: 'udp',
      port: 13400,
      said: [['client', hex('02 fd 0001 00000000')]],
      confidence: 90,
    },
  ],
  [
    {
      name: 'no inverse',
      transport: 'udp',
      port: 13400,
      said: [['client', hex('02 fe 0001 00000000')]],
    },
  ]
)
