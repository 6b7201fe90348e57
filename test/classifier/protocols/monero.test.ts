import { monero } from '../../../classifier/protocols/monero.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  monero,
  [
    {
      name: 'a handshake',
      transport: 'tcp',
      port: 18080,
      said: [
        ['client', hex('0121010101010101 0601000000000000 01 e9030000 00000000 01000000 01000000')],
      ],
      confidence: 90,
    },
  ],
  [
    {
      name: 'another signature',
      transport: 'tcp',
      port: 18080,
      said: [['client', hex('0121010101010102 06')]],
    },
  ]
)
