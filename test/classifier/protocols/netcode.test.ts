import { netcode } from '../../../classifier/protocols/netcode.ts'
import { conforms } from './conformance.ts'
import { latin1 } from './talk.ts'

conforms(
  netcode,
  [
    {
      name: 'a connection that is asked for',
      transport: 'udp',
      port: 40001,
      said: [['client', latin1('\0NETCODE 1.02\0' + '\x11'.repeat(1064))]],
      confidence: 90,
    },
  ],
  [
    {
      name: 'another word',
      transport: 'udp',
      port: 40001,
      said: [['client', latin1('\0NOTCODE 1.02\0')]],
    },
  ]
)
