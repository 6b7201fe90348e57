import { syncthing } from '../../../classifier/protocols/syncthing.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  syncthing,
  [
    {
      name: 'an announcement',
      transport: 'udp',
      port: 21027,
      said: [['client', hex(`2ea7d90b 0a 20 ${'92'.repeat(32)}`)]],
      application: 'syncthing',
    },
    {
      name: 'a relay',
      transport: 'tcp',
      port: 22067,
      said: [['client', hex('9e79bc40 00000002 00000004 00000000')]],
    },
  ],
  [
    {
      name: 'another magic',
      transport: 'udp',
      port: 21027,
      said: [['client', hex('2ea7d90c 0a 20')]],
    },
  ]
)
