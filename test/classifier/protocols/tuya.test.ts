import { tuya } from '../../../classifier/protocols/tuya.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  tuya,
  [
    {
      name: 'a broadcast',
      transport: 'udp',
      port: 6667,
      said: [
        [
          'client',
          hex(`000055aa 00000000 00000013 0000001c 00000000 ${'97'.repeat(16)} a2cd7f99 0000aa55`),
        ],
      ],
      application: 'tuya',
    },
    {
      name: 'a connection',
      transport: 'tcp',
      port: 6668,
      said: [['client', hex('000055aa 00000001 0000000a 0000000c 11223344 a2cd7f99 0000aa55')]],
    },
  ],
  [
    {
      name: 'a wrong length',
      transport: 'udp',
      port: 6667,
      said: [['client', hex('000055aa 00000000 00000013 0000001d 00000000 a2cd7f99 0000aa55')]],
    },
  ]
)
