import { rx } from '../../../classifier/protocols/rx.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  rx,
  [
    {
      name: 'a call and its answer',
      transport: 'udp',
      port: 7002,
      said: [
        [
          'client',
          hex(
            `570fb560 5c3fc988 00000001 00000001 00000001 01 05 00 00 0000 0049 ${'00'.repeat(20)}`
          ),
        ],
        [
          'server',
          hex(
            `570fb560 5c3fc988 00000001 00000001 00000001 01 04 00 00 0000 0049 ${'00'.repeat(20)}`
          ),
        ],
      ],
      confidence: 80,
    },
  ],
  [
    {
      name: 'another type',
      transport: 'udp',
      port: 7002,
      said: [['client', hex(`570fb560 5c3fc988 00000001 00000001 00000001 0e 05 00 00 0000 0049`)]],
    },
  ]
)
