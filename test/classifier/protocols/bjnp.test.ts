import { bjnp } from '../../../classifier/protocols/bjnp.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  bjnp,
  [
    {
      name: 'a search',
      transport: 'udp',
      port: 8612,
      said: [['client', hex('424a4e50 02 01 0000 17a4 0000 00000000')]],
      confidence: 90,
    },
  ],
  [
    {
      name: 'a wrong length',
      transport: 'udp',
      port: 8612,
      said: [['client', hex('424a4e50 02 01 0000 17a4 0000 00000001')]],
    },
  ]
)
