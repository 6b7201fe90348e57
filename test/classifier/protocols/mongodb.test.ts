import { mongodb } from '../../../classifier/protocols/mongodb.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

const isMaster =
  '3a000000 01000000 00000000 d4070000 00000000 61646d696e2e24636d6400 00000000 ffffffff 13000000 10 69734d617374657200 01000000 00'
const reply = '24000000 01000000 01000000 01000000 08000000 0000000000000000 00000000 01000000'
const message = '26000000 02000000 00000000 dd070000 00000000 00 11000000 10 70696e6700 01000000 00'

conforms(
  mongodb,
  [
    {
      name: 'a question that answers -1',
      transport: 'tcp',
      port: 30_000,
      said: [['client', hex(isMaster.replace('01000000 00000000', '01000000 ffffffff'))]],
    },
    {
      name: 'a query and its reply',
      transport: 'tcp',
      port: 27_777,
      said: [
        ['client', hex(isMaster)],
        ['server', hex(reply)],
      ],
      confidence: 90,
    },
    {
      name: 'a message',
      transport: 'tcp',
      port: 27_017,
      said: [['client', hex(message)]],
      confidence: 90,
    },
  ],
  [
    {
      name: 'PPTP of a connection under way',
      transport: 'tcp',
      port: 1723,
      said: [
        [
          'client',
          hex(
            `009c0001 1a2b3c4d 0001 0000 0100 0000 00000003 00000003 ffff0001 ${'00'.repeat(128)}`
          ),
        ],
      ],
    },
    {
      name: 'an unknown operation',
      transport: 'tcp',
      port: 27_017,
      said: [['client', hex(isMaster.replace('d4070000', 'e4070000'))]],
    },
  ]
)
