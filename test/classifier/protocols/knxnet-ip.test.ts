import { knxnetIp } from '../../../classifier/protocols/knxnet-ip.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  knxnetIp,
  [
    {
      name: 'a search',
      transport: 'udp',
      port: 3671,
      said: [['client', hex('06 10 0201 000e 08 01 c0a80a02 0e57')]],
      confidence: 90,
    },
  ],
  [
    {
      name: 'a wrong length',
      transport: 'udp',
      port: 3671,
      said: [['client', hex('06 10 0201 000f 08 01 c0a80a02 0e57')]],
    },
  ]
)
