import { drda } from '../../../classifier/protocols/drda.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  drda,
  [
    {
      name: 'attributes that are exchanged',
      transport: 'tcp',
      port: 50_001,
      said: [
        ['client', hex('0016 d0 41 0001 0010 1041 000c 115e 8482 f281 9740 4040')],
        ['server', hex('0016 d0 43 0001 0010 1443 000c 115e 8482 f281 9740 4040')],
      ],
      confidence: 90,
    },
  ],
  [
    {
      name: 'lengths that disagree',
      transport: 'tcp',
      port: 50_000,
      said: [['client', hex('0016 d0 41 0001 0011 1041 000c')]],
    },
  ]
)
