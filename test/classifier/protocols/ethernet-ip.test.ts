import { ethernetIp } from '../../../classifier/protocols/ethernet-ip.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  ethernetIp,
  [
    {
      name: 'a session that is registered',
      transport: 'tcp',
      port: 44818,
      said: [
        ['client', hex('6500 0400 00000000 00000000 0000000000000000 00000000 0100 0000')],
        ['server', hex('6500 0400 11223344 00000000 0000000000000000 00000000 0100 0000')],
      ],
    },
    {
      name: 'devices that are looked for',
      transport: 'udp',
      port: 44818,
      said: [['client', hex('6300 0000 00000000 00000000 0000000000000000 00000000')]],
    },
  ],
  [
    {
      name: 'options',
      transport: 'udp',
      port: 44818,
      said: [['client', hex('6300 0000 00000000 00000000 0000000000000000 00000001')]],
    },
  ]
)
