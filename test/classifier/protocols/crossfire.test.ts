import { crossfire } from '../../../classifier/protocols/crossfire.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  crossfire,
  [
    {
      name: 'a packet',
      transport: 'udp',
      port: 16666,
      said: [['client', hex(`c7d91999 0200 ${'11'.repeat(19)}`)]],
      application: 'crossfire',
    },
  ],
  [
    {
      name: 'another magic',
      transport: 'udp',
      port: 16666,
      said: [['client', hex('c7d91998 0200 11')]],
    },
  ]
)
