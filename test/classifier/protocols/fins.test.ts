import { fins } from '../../../classifier/protocols/fins.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  fins,
  [
    {
      name: 'memory that is read',
      transport: 'udp',
      port: 9600,
      said: [['client', hex('80 00 02 000000 000000 7a 0101 00cccccc0001')]],
    },
    {
      name: 'TCP',
      transport: 'tcp',
      port: 9600,
      said: [['client', hex('46494e53 0000000c 00000000 00000000 00000000')]],
    },
  ],
  [
    {
      name: 'another command',
      transport: 'udp',
      port: 9600,
      said: [['client', hex('80 00 02 000000 000000 7a 5101 00cccccc0001')]],
    },
  ]
)
