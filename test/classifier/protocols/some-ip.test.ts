import { someIp } from '../../../classifier/protocols/some-ip.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  someIp,
  [
    {
      name: 'a call',
      transport: 'udp',
      port: 49201,
      said: [
        [
          'client',
          hex(
            '12340008 00000011 00000011 01 01 01 00 0000000005ababababab'.replace(
              '00000011 00000011',
              '00000012 00000011'
            )
          ),
        ],
      ],
      confidence: 85,
    },
  ],
  [
    {
      name: 'a wrong length',
      transport: 'udp',
      port: 49201,
      said: [['client', hex('12340008 00000011 00000011 01 01 01 00 0000000005ababababab')]],
    },
  ]
)
