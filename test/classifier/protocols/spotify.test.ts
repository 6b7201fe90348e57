import { spotify } from '../../../classifier/protocols/spotify.ts'
import { conforms } from './conformance.ts'
import { hex, latin1 } from './talk.ts'

conforms(
  spotify,
  [
    {
      name: 'a broadcast',
      transport: 'udp',
      port: 57621,
      clientPort: 57621,
      said: [['client', latin1('SpotUdp0\x30\xdc\x15\x74')]],
      application: 'spotify',
    },
    {
      name: 'an access point',
      transport: 'tcp',
      port: 4070,
      said: [['client', hex(`0004 00000018 52 0f 50 02a0 0100f0 0106 c002b9f6909d03a0`)]],
    },
  ],
  [
    {
      name: 'another message',
      transport: 'tcp',
      port: 4070,
      said: [['client', hex(`0004 00000018 0a 0f 50 02a0 0100f0 0106 c002b9f6909d03a0`)]],
    },
  ]
)
