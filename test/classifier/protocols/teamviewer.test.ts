import { teamviewer } from '../../../classifier/protocols/teamviewer.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  teamviewer,
  [
    {
      name: 'both sides',
      transport: 'tcp',
      port: 443,
      said: [
        ['client', hex('17 24 0a 20 00 04 00 00')],
        ['server', hex('17 24 0b 00 00 00 00 00')],
      ],
      confidence: 100,
      application: 'teamviewer',
    },
    {
      name: 'a client at its port',
      transport: 'tcp',
      port: 5938,
      said: [['client', hex('11 30 01 00 00')]],
      confidence: 90,
    },
    {
      name: 'UDP',
      transport: 'udp',
      port: 5938,
      said: [['client', hex('00 0102030405060708 090a 1724 0000')]],
      confidence: 90,
    },
  ],
  [
    {
      name: 'a TLS record',
      transport: 'tcp',
      port: 5938,
      said: [['client', hex('17 03 03 00 10')]],
    },
    {
      name: 'one datagram elsewhere',
      transport: 'udp',
      port: 4000,
      said: [['client', hex('00 01')]],
    },
  ]
)
