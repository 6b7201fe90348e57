import { hartIp } from '../../../classifier/protocols/hart-ip.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  hartIp,
  [
    {
      name: 'a session that is opened',
      transport: 'udp',
      port: 5094,
      said: [
        ['client', hex('01 00 00 00 0002 000d 01 00007530')],
        ['server', hex('01 01 00 00 0002 000d 01 00007530')],
      ],
    },
    {
      name: 'TCP',
      transport: 'tcp',
      port: 5094,
      said: [['client', hex('01 00 00 00 0002 000d 01 00007530')]],
    },
  ],
  [
    {
      name: 'a wrong length',
      transport: 'udp',
      port: 5094,
      said: [['client', hex('01 00 00 00 0002 000e 01 00007530')]],
    },
  ]
)
