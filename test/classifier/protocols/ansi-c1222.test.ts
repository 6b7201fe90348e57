import { ansiC1222 } from '../../../classifier/protocols/ansi-c1222.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

const message = '60 1c a2 05 06 03 607c86 a6 05 06 03 607c87 be 0c 28 0a 81 08 1122334455667788'

conforms(
  ansiC1222,
  [
    {
      name: 'a datagram',
      transport: 'udp',
      port: 1153,
      said: [['client', hex(message)]],
    },
    {
      name: 'a stream',
      transport: 'tcp',
      port: 1153,
      said: [['client', hex(message)]],
    },
  ],
  [
    {
      name: 'a bind of LDAP',
      transport: 'tcp',
      port: 389,
      said: [['client', hex('30 0c 02 01 01 60 07 02 01 03 04 00 80 00')]],
    },
  ]
)
