import { steam } from '../../../classifier/protocols/steam.ts'
import { conforms } from './conformance.ts'
import { hex, latin1 } from './talk.ts'

conforms(
  steam,
  [
    {
      name: 'an announcement',
      transport: 'udp',
      port: 27036,
      clientPort: 27036,
      said: [['client', hex('ffffffff214c5fa0 02000000 0801 03000000 080810')]],
      application: 'steam',
    },
    {
      name: 'a server',
      transport: 'tcp',
      port: 27017,
      said: [['server', hex('18000000 56543031 17050000 ffffffff')]],
    },
    {
      name: 'a relay',
      protocol: 'steam-datagram-relay',
      transport: 'udp',
      port: 27045,
      said: [['client', latin1('\x01\x81sdping\x7e\xbe\x62\x7e')]],
    },
  ],
  [
    {
      name: 'a wrong length',
      transport: 'udp',
      port: 27036,
      said: [['client', hex('ffffffff214c5fa0 02000000 0801 04000000 080810')]],
    },
  ]
)
