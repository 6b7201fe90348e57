import { softether } from '../../../classifier/protocols/softether.ts'
import { conforms } from './conformance.ts'

conforms(
  softether,
  [
    {
      name: 'a question and its answer',
      transport: 'udp',
      port: 5004,
      said: [
        ['client', 'A'],
        ['server', 'IP=192.0.2.1,PORT=40000'],
      ],
      confidence: 90,
    },
  ],
  [
    {
      name: 'another answer',
      transport: 'udp',
      port: 5004,
      said: [
        ['client', 'A'],
        ['server', 'B'],
      ],
    },
  ]
)
