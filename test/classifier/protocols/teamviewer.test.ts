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
        ['client', hex('17 24 0a 03 00 04 00 00')],
        ['server', hex('17 24 0b 01 00 00 17 24 0b')],
      ],
      confidence: 100,
      application: 'teamviewer',
    },
    {
      name: 'a client at its port',
      transport: 'tcp',
      port: 5938,
      said: [['client', hex(`11 30 01 00 02000000 ${'00'.repeat(18)}`)]],
      confidence: 90,
    },
    {
      name: 'UDP',
      transport: 'udp',
      port: 5938,
      said: [['client', hex('00 0102030405060708 090a 1724 47 0200 0000')]],
      confidence: 90,
    },
  ],
  [
    {
      name: 'another length',
      transport: 'tcp',
      port: 5938,
      said: [['client', hex('17 24 0a 03 00 04 00 00 99 99')]],
    },
    {
      name: 'a datagram of another length',
      transport: 'udp',
      port: 5938,
      said: [['client', hex('00 0102030405060708 090a 1724 47 0300 0000')]],
    },
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
