import { cpha } from '../../../classifier/protocols/cpha.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  cpha,
  [
    {
      name: 'the state of a member',
      transport: 'udp',
      port: 8116,
      clientPort: 8116,
      said: [['client', hex('1a90 0c31 2785 0001 0016 793e 0001 fffe e04a 0100')]],
      confidence: 90,
    },
  ],
  [
    {
      name: 'a type that there is not',
      transport: 'udp',
      port: 8116,
      said: [['client', hex('1a90 0c31 2785 a001 0016 793e 0001 fffe e04a 0100')]],
    },
    {
      name: 'another magic',
      transport: 'udp',
      port: 8116,
      said: [['client', hex('1a91 0c31 2785 0001 0016 793e 0001 fffe e04a 0100')]],
    },
  ]
)
