import { libp2p } from '../../../classifier/protocols/libp2p.ts'
import { conforms } from './conformance.ts'

conforms(
  libp2p,
  [
    {
      name: 'both begin',
      transport: 'tcp',
      port: 4001,
      said: [
        ['client', '\x13/multistream/1.0.0\n\x07/noise\n'],
        ['server', '\x13/multistream/1.0.0\n\x07/noise\n'],
      ],
    },
  ],
  [
    {
      name: 'another version',
      transport: 'tcp',
      port: 4001,
      said: [['client', '\x13/multistream/2.0.0\n']],
    },
  ]
)
