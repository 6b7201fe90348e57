import { gnutella } from '../../../classifier/protocols/gnutella.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  gnutella,
  [
    {
      name: 'a handshake',
      transport: 'tcp',
      port: 6346,
      said: [
        ['client', 'GNUTELLA CONNECT/0.6\r\nUser-Agent: gtk-gnutella/1.2\r\n\r\n'],
        ['server', 'GNUTELLA/0.6 200 OK\r\nUser-Agent: LimeWire/5.5\r\n\r\n'],
      ],
      confidence: 90,
    },
    {
      name: 'a ping over UDP',
      transport: 'udp',
      port: 6346,
      said: [['client', hex('1122334455667788ff99aabbccddee00 00 01 00 00000000')]],
    },
    {
      name: 'Gnutella2',
      transport: 'udp',
      port: 6346,
      said: [['client', hex('474e44 03 0001 01 01 1004504901')]],
    },
  ],
  [
    {
      name: 'a wrong length',
      transport: 'udp',
      port: 6346,
      said: [['client', hex('1122334455667788ff99aabbccddee00 00 01 00 01000000')]],
    },
  ]
)
