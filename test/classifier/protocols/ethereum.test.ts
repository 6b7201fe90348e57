import { ethereum } from '../../../classifier/protocols/ethereum.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

const key = '5a'.repeat(32)
const point = '04' + 'b7'.repeat(64)

conforms(
  ethereum,
  [
    {
      name: 'a ping',
      transport: 'udp',
      port: 30303,
      said: [
        [
          'client',
          hex(
            `${key}${key}${key} 01 01 dc 04 cb847f000001820cfa8215a8 c984c0a8000182765f80 8443b9a355`
          ),
        ],
      ],
      confidence: 90,
    },
    {
      name: 'a handshake',
      transport: 'tcp',
      port: 30303,
      said: [
        ['client', hex('0189' + point + '11'.repeat(0x189 - 65))],
        ['server', hex('0160' + point + '22'.repeat(0x160 - 65))],
      ],
      confidence: 75,
    },
  ],
  [
    {
      name: 'a wrong length',
      transport: 'udp',
      port: 30303,
      said: [['client', hex(`${key}${key}${key} 01 01 c3 04`)]],
    },
  ]
)
