import { gtp } from '../../../classifier/protocols/gtp.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  gtp,
  [
    {
      name: 'version 2',
      transport: 'udp',
      port: 2123,
      said: [['client', hex('48 20 000d 00000000 546200 00 0300010001')]],
      metadata: { version: 'GTPv2-C' },
    },
    {
      name: 'an echo of version 1',
      transport: 'udp',
      port: 2152,
      said: [
        ['client', hex('32 01 0004 00000000 0001 00 00')],
        ['server', hex('32 02 0006 00000000 0001 00 00 0e00')],
      ],
      metadata: { version: 'GTPv1' },
    },
    {
      name: 'charging',
      transport: 'udp',
      port: 3386,
      said: [['client', hex('2e f0 0002 047e 7e01')]],
      metadata: { version: "GTP'" },
    },
  ],
  [
    {
      name: 'a wrong length',
      transport: 'udp',
      port: 2123,
      said: [['client', hex('48 20 000e 00000000 546200 00 0300010001')]],
    },
  ]
)
