import { worldOfWarcraft } from '../../../classifier/protocols/world-of-warcraft.ts'
import { conforms } from './conformance.ts'
import { latin1 } from './talk.ts'

conforms(
  worldOfWarcraft,
  [
    {
      name: 'both say what they are',
      transport: 'tcp',
      port: 3724,
      said: [
        ['server', latin1('\x30\0WORLD OF WARCRAFT CONNECTION - SERVER TO CLIENT - V2\n')],
        ['client', latin1('\x30\0WORLD OF WARCRAFT CONNECTION - CLIENT TO SERVER - V2\n')],
      ],
      application: 'world-of-warcraft',
    },
  ],
  [
    {
      name: 'other words',
      transport: 'tcp',
      port: 3724,
      said: [['server', latin1('\x30\0WORLD OF TANKS')]],
    },
  ]
)
