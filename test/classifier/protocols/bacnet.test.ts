import { bacnet } from '../../../classifier/protocols/bacnet.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  bacnet,
  [
    {
      name: 'a property that is read',
      transport: 'udp',
      port: 47808,
      said: [['client', hex('810a0011 0104 0005a90c0c023fffff194b')]],
      confidence: 90,
    },
  ],
  [
    {
      name: 'a wrong length',
      transport: 'udp',
      port: 47808,
      said: [['client', hex('810a0012 0104 0005a90c0c023fffff194b')]],
    },
  ]
)
