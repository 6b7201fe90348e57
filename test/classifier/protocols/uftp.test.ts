import { uftp } from '../../../classifier/protocols/uftp.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  uftp,
  [
    {
      name: 'an announcement',
      transport: 'udp',
      port: 1044,
      said: [
        ['client', hex(`40 01 0000 0a000001 96f4c304 00 9d 00 00 01 06 0014 ${'00'.repeat(20)}`)],
      ],
      confidence: 90,
    },
  ],
  [
    {
      name: 'another type behind',
      transport: 'udp',
      port: 1044,
      said: [
        ['client', hex(`40 01 0000 0a000001 96f4c304 00 9d 00 00 02 06 0014 ${'00'.repeat(20)}`)],
      ],
    },
  ]
)
