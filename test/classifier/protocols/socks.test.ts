import { socks } from '../../../classifier/protocols/socks.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  socks,
  [
    {
      name: 'version 4a',
      transport: 'tcp',
      port: 1080,
      said: [
        ['client', hex('04 01 0050 00000001 00 7777772e6578616d706c652e636f6d 00')],
        ['server', hex('00 5a 0050 00000000')],
      ],
      metadata: { hostname: 'www.example.com', version: '4' },
    },
    {
      name: 'version 5 with a password',
      transport: 'tcp',
      port: 1080,
      said: [
        ['client', hex('05 02 00 02')],
        ['server', hex('05 02')],
        ['client', hex('01 03 626f62 03 707764')],
        ['server', hex('01 00')],
        ['client', hex('05 01 00 03 0b 6578616d706c652e6f7267 01bb')],
        ['server', hex('05 00 00 01 00000000 0000')],
      ],
      metadata: { hostname: 'example.org', userName: 'bob', version: '5' },
      risks: ['clear-text-credentials'],
    },
    {
      name: 'a greeting alone',
      transport: 'tcp',
      port: 1080,
      said: [['client', hex('05 01 00')]],
      confidence: 75,
    },
  ],
  [
    {
      name: 'a method that was not offered',
      transport: 'tcp',
      port: 1080,
      said: [
        ['client', hex('05 01 00')],
        ['server', hex('05 02')],
      ],
    },
  ]
)
