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
      name: 'a hello of another form that is answered',
      transport: 'udp',
      port: 8801,
      said: [
        ['client', hex(`01 00 02 ${id} 0000000000000000 02 007a00d1 007a00d2 00000040 cf`)],
        ['server', hex(`02 00 01 ${id} 005a0e3f 007a00d1 0000000000000000`)],
      ],
      confidence: 90,
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
      name: 'three octets of a hello before others',
      transport: 'udp',
      port: 8801,
      said: [
        ['client', hex(`01 00 02 ${id} 1122334455667788 02 007a00d1 007a00d1 00000040 cf`)],
        ['server', hex('02 00 01 11223344 55667788 11223344 55667788 005a0e3f')],
      ],
    },
    {
      name: 'a uTP packet',
      transport: 'udp',
      port: 6881,
      said: [['client', hex('01 00 02c8 4ac45287 18cda2b8 00010000 0001 0002 ffff')]],
    },
  ]
)
