import { teamspeak } from '../../../classifier/protocols/teamspeak.ts'
import { conforms } from './conformance.ts'
import { latin1 } from './talk.ts'

conforms(
  teamspeak,
  [
    {
      name: 'the first step',
      transport: 'udp',
      port: 9987,
      said: [
        ['client', latin1('TS3INIT1\0\x65\0\0\x88\x09\x83\x8c\xcf\0\x12\x34\x56\x78')],
        ['server', latin1('TS3INIT1\0\x65\x88\x01\x12\x34')],
      ],
      application: 'teamspeak',
    },
  ],
  [
    {
      name: 'another packet',
      transport: 'udp',
      port: 9987,
      said: [['client', latin1('TS3INIT1\0\x66\0\0\x88')]],
    },
  ]
)
