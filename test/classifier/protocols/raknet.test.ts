import { raknet } from '../../../classifier/protocols/raknet.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

const magic = '00ffff00fefefefefdfdfdfd12345678'

conforms(
  raknet,
  [
    {
      name: 'a connection that is opened',
      transport: 'udp',
      port: 60030,
      said: [['client', hex(`05 ${magic} 06 ${'00'.repeat(100)}`)]],
      confidence: 90,
    },
    {
      name: 'the answer of a Minecraft server',
      transport: 'udp',
      port: 19132,
      said: [['server', hex(`1c 0000000000000001 1122334455667788 ${magic} 0005 4d4350453b`)]],
      application: 'minecraft',
    },
    {
      name: 'a connection under way',
      transport: 'udp',
      port: 60005,
      said: [
        ['server', hex('c0 0001 00 010000 020000')],
        ['client', hex('84 020000 00 0088 030000000000 15e95e000000130c201546')],
      ],
    },
  ],
  [
    {
      name: 'another magic',
      transport: 'udp',
      port: 19132,
      said: [['client', hex('05 00ffff00fefefefefdfdfdfd12345679 06')]],
    },
  ]
)
