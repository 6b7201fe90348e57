import { smpp } from '../../../classifier/protocols/smpp.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  smpp,
  [
    {
      name: 'an exchange that binds',
      transport: 'tcp',
      port: 2776,
      said: [
        [
          'client',
          hex('00000020 00000009 00000000 00000001 616c69636500 7061737300 00 34 00 00 00'),
        ],
        ['server', hex('00000015 80000009 00000000 00000001 736d736300')],
      ],
      confidence: 80,
      metadata: { userName: 'alice' },
      risks: ['clear-text-credentials'],
    },
    {
      name: 'who is asked whether he is there',
      transport: 'tcp',
      port: 2775,
      said: [['client', hex('00000010 00000015 00000000 00000002')]],
      risks: [],
    },
  ],
  [
    {
      name: 'a status in a question',
      transport: 'tcp',
      port: 2775,
      said: [['client', hex('00000010 00000015 00000007 00000002')]],
    },
    {
      name: 'PostgreSQL',
      transport: 'tcp',
      port: 2775,
      said: [['client', hex('00000008 04d2162f')]],
    },
  ]
)
