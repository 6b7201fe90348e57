import { genshinImpact } from '../../../classifier/protocols/genshin-impact.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  genshinImpact,
  [
    {
      name: 'a handshake',
      transport: 'udp',
      port: 22101,
      said: [
        ['client', hex('000000ff 00000000 ba9ac4cd 499602d2 ffffffff')],
        ['server', hex('00000145 00001234 ba9ac4cd 499602d2 14514545')],
      ],
      application: 'genshin-impact',
    },
  ],
  [
    {
      name: 'another end',
      transport: 'udp',
      port: 22101,
      said: [['client', hex('000000ff 00000000 ba9ac4cd 499602d2 fffffffe')]],
    },
  ]
)
