import { bitcoin } from '../../../classifier/protocols/bitcoin.ts'
import { conforms } from './conformance.ts'
import { latin1 } from './talk.ts'

conforms(
  bitcoin,
  [
    {
      name: 'a version',
      transport: 'tcp',
      port: 8333,
      said: [['client', latin1('\xf9\xbe\xb4\xd9version\0\0\0\0\0\x66\0\0\0\x01\x02\x03\x04')]],
      confidence: 90,
    },
  ],
  [
    {
      name: 'no command',
      transport: 'tcp',
      port: 8333,
      said: [
        [
          'client',
          latin1('\xf9\xbe\xb4\xd9\x01\x02\x03\0\0\0\0\0\0\0\0\0\x66\0\0\0\x01\x02\x03\x04'),
        ],
      ],
    },
  ]
)
