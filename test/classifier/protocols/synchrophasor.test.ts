import { synchrophasor } from '../../../classifier/protocols/synchrophasor.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  synchrophasor,
  [
    {
      name: 'a command',
      transport: 'udp',
      port: 4712,
      said: [['client', hex('aa 41 0012 003c 4899909a 00342ed5 0001 560b')]],
      confidence: 90,
    },
    {
      name: 'TCP',
      transport: 'tcp',
      port: 4712,
      said: [['client', hex('aa 41 0012 00f1 00000000 00000000 0005 d7d0')]],
    },
  ],
  [
    {
      name: 'a wrong CRC',
      transport: 'tcp',
      port: 4712,
      said: [['client', hex('aa 41 0012 00f1 00000000 00000000 0005 d7d1')]],
    },
  ]
)
