import { flute } from '../../../classifier/protocols/flute.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  flute,
  [
    {
      name: 'a description',
      transport: 'udp',
      port: 40085,
      said: [
        [
          'client',
          hex(
            `10 10 08 00 00000000 00000000 c0100002 40040000 00000236 0000059c 00000040 00000000 ${Buffer.from('<?xml').toString('hex')}`
          ),
        ],
      ],
      confidence: 90,
    },
  ],
  [
    {
      name: 'no extension',
      transport: 'udp',
      port: 40085,
      said: [['client', hex('10 10 03 00 00000000 00000000 3c3f786d')]],
    },
  ]
)
