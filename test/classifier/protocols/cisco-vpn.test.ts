import { ciscoVpn } from '../../../classifier/protocols/cisco-vpn.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  ciscoVpn,
  [
    {
      name: 'a packet',
      transport: 'udp',
      port: 10000,
      said: [['client', hex(`fe577e2b ${'5a'.repeat(40)}`)]],
      confidence: 90,
    },
  ],
  [
    {
      name: 'another cookie',
      transport: 'udp',
      port: 10000,
      said: [['client', hex('fe577e2c 5a5a')]],
    },
  ]
)
