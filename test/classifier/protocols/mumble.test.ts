import { mumble } from '../../../classifier/protocols/mumble.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  mumble,
  [
    {
      name: 'a ping',
      transport: 'udp',
      port: 64738,
      said: [
        ['client', hex('00000000 1122334455667788')],
        ['server', hex('00010400 1122334455667788 00000002 00000064 00011170')],
      ],
      application: 'mumble',
    },
  ],
  [
    {
      name: 'another ident',
      transport: 'udp',
      port: 64738,
      said: [
        ['client', hex('00000000 1122334455667788')],
        ['server', hex('00010400 1122334455667789 00000002 00000064 00011170')],
      ],
    },
  ]
)
