import { cnpIp } from '../../../classifier/protocols/cnp-ip.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  cnpIp,
  [
    {
      name: 'data',
      transport: 'udp',
      port: 1628,
      said: [
        [
          'client',
          hex('0020 01 01 00 00 0000 6b8b4567 00000000 00000000 010901aa01a90103810d00ca'),
        ],
      ],
      confidence: 90,
    },
  ],
  [
    {
      name: 'a wrong length',
      transport: 'udp',
      port: 1628,
      said: [
        [
          'client',
          hex('0021 01 01 00 00 0000 6b8b4567 00000000 00000000 010901aa01a90103810d00ca'),
        ],
      ],
    },
  ]
)
