import { sourceEngine } from '../../../classifier/protocols/source-engine.ts'
import { conforms } from './conformance.ts'
import { hex, latin1 } from './talk.ts'

conforms(
  sourceEngine,
  [
    {
      name: 'a question for information',
      transport: 'udp',
      port: 27015,
      said: [
        ['client', latin1('\xff\xff\xff\xffTSource Engine Query\0')],
        ['server', hex('ffffffff 41 01020304')],
      ],
      confidence: 90,
    },
    {
      name: 'players',
      transport: 'udp',
      port: 27015,
      said: [
        ['client', hex('ffffffff 55 ffffffff')],
        ['server', hex('ffffffff 41 01020304')],
      ],
    },
  ],
  [
    {
      name: 'a query of Quake',
      transport: 'udp',
      port: 27960,
      said: [['client', latin1('\xff\xff\xff\xffgetstatus\n')]],
    },
  ]
)
