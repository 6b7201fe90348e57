import { pfcp } from '../../../classifier/protocols/pfcp.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  pfcp,
  [
    {
      name: 'a heartbeat',
      transport: 'udp',
      port: 8805,
      said: [
        ['client', hex('20 01 000c 000001 00 00600004 e3a1b2c3')],
        ['server', hex('20 02 000c 000001 00 00600004 e3a1b2c3')],
      ],
    },
  ],
  [
    {
      name: 'a wrong length',
      transport: 'udp',
      port: 8805,
      said: [['client', hex('20 01 000d 000001 00 00600004 e3a1b2c3')]],
    },
  ]
)
