import { ubiquitiDiscovery } from '../../../classifier/protocols/ubiquiti-discovery.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  ubiquitiDiscovery,
  [
    {
      name: 'an announcement',
      transport: 'udp',
      port: 10001,
      said: [['client', hex('02 06 0013 0b 0004 75626e74 01 0006 802aa88d692b 16 0000')]],
      confidence: 90,
    },
    {
      name: 'a question',
      transport: 'udp',
      port: 10001,
      said: [['client', hex('01 00 0000')]],
      confidence: 60,
    },
  ],
  [
    {
      name: 'a wrong length',
      transport: 'udp',
      port: 10001,
      said: [['client', hex('02 06 0014 0b 0004 75626e74 01 0006 802aa88d692b 16 0000')]],
    },
  ]
)
