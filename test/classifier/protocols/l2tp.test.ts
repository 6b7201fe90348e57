import { l2tp } from '../../../classifier/protocols/l2tp.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  l2tp,
  [
    {
      name: 'a connection that is asked for',
      transport: 'udp',
      port: 1701,
      said: [['client', hex('c802 0014 0000 0000 0000 0000 8008 0000 0000 0001')]],
      confidence: 90,
    },
    {
      name: 'version 3',
      transport: 'udp',
      port: 1701,
      said: [['client', hex('c803 0014 00000000 0000 0000 8008 0000 0000 0001')]],
    },
  ],
  [
    {
      name: 'a wrong length',
      transport: 'udp',
      port: 1701,
      said: [['client', hex('c802 0015 0000 0000 0000 0000 8008 0000 0000 0001')]],
    },
  ]
)
