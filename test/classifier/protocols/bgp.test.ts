import { bgp } from '../../../classifier/protocols/bgp.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  bgp,
  [
    {
      name: 'a keep-alive',
      transport: 'tcp',
      port: 179,
      said: [['client', hex(`${'ff'.repeat(16)} 0013 04`)]],
      confidence: 90,
    },
  ],
  [
    {
      name: 'another type',
      transport: 'tcp',
      port: 179,
      said: [['client', hex(`${'ff'.repeat(16)} 0013 09`)]],
    },
  ]
)
