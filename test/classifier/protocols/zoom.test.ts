import { zoom } from '../../../classifier/protocols/zoom.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

const id = '80 42749a91ce6436b7c2aed87e7b7c90'

conforms(
  zoom,
  [
    {
      name: 'a hello',
      transport: 'udp',
      port: 8801,
      said: [['client', hex(`01 00 02 ${id} 0000000000000000 02 007a00d1 007a00d1 00000040 cf`)]],
      confidence: 90,
      application: 'zoom',
    },
    {
      name: 'video by a server',
      transport: 'udp',
      port: 8801,
      said: [
        [
          'server',
          hex(
            `05 0001 00000000 04 10 ${'00'.repeat(23)} 9062 0001 00000001 01001001 ${'ab'.repeat(40)}`
          ),
        ],
      ],
    },
  ],
  [
    {
      name: 'a uTP packet',
      transport: 'udp',
      port: 6881,
      said: [['client', hex('01 00 02c8 4ac45287 18cda2b8 00010000 0001 0002 ffff')]],
    },
  ]
)
