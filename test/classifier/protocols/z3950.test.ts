import { z3950 } from '../../../classifier/protocols/z3950.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  z3950,
  [
    {
      name: 'a beginning',
      transport: 'tcp',
      port: 210,
      said: [['client', hex('b4 15 83 02 00e0 84 03 00e9a2 85 04 04000000 86 04 04000000')]],
      confidence: 90,
    },
  ],
  [
    {
      name: 'other tags',
      transport: 'tcp',
      port: 210,
      said: [['client', hex('b4 0d 81 02 00e0 81 03 00e9a2 85 02 0400')]],
    },
  ]
)
