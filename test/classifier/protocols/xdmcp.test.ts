import { xdmcp } from '../../../classifier/protocols/xdmcp.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  xdmcp,
  [
    {
      name: 'a query',
      transport: 'udp',
      port: 177,
      said: [['client', hex('0001 0002 0001 00')]],
      confidence: 90,
    },
  ],
  [
    {
      name: 'a wrong length',
      transport: 'udp',
      port: 177,
      said: [['client', hex('0001 0002 0002 00')]],
    },
  ]
)
