import { elasticsearch } from '../../../classifier/protocols/elasticsearch.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  elasticsearch,
  [
    {
      name: 'a handshake of nodes',
      transport: 'tcp',
      port: 9301,
      said: [
        ['client', hex('4553 00000011 0000000000000001 08 005b8d63 00000000')],
        ['server', hex('4553 00000011 0000000000000001 09 005b8d63 00000000')],
      ],
      confidence: 90,
    },
    { name: 'a ping', transport: 'tcp', port: 9300, said: [['client', hex('4553 ffffffff')]] },
  ],
  [{ name: 'a word', transport: 'tcp', port: 9300, said: [['client', 'ESMTP is spoken here']] }]
)
