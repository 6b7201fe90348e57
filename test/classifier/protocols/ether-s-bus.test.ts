import { etherSBus } from '../../../classifier/protocols/ether-s-bus.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  etherSBus,
  [
    {
      name: 'a request',
      transport: 'udp',
      port: 5050,
      said: [['client', hex('0000000d 01 00 0001 00 0a 20 5318')]],
      confidence: 90,
    },
  ],
  [
    {
      name: 'a wrong CRC',
      transport: 'udp',
      port: 5050,
      said: [['client', hex('0000000d 01 00 0001 00 0a 20 5319')]],
    },
  ]
)
