import { kcp } from '../../../classifier/protocols/kcp.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  kcp,
  [
    {
      name: 'data',
      transport: 'udp',
      port: 4000,
      said: [
        ['client', hex('11223344 51 00 8000 01000000 00000000 00000000 04000000 70696e67')],
        ['server', hex('11223344 52 00 8000 01000000 00000000 01000000 00000000')],
      ],
      confidence: 80,
    },
  ],
  [
    {
      name: 'a wrong length',
      transport: 'udp',
      port: 4000,
      said: [['client', hex('11223344 51 00 8000 01000000 00000000 00000000 05000000 70696e67')]],
    },
  ]
)
