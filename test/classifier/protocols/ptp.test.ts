import { ptp } from '../../../classifier/protocols/ptp.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  ptp,
  [
    {
      name: 'a sync',
      transport: 'udp',
      port: 319,
      clientPort: 319,
      said: [['client', hex(`00 02 002c 00 00 0200 ${'00'.repeat(36)}`)]],
      confidence: 90,
    },
  ],
  [
    {
      name: 'version 1',
      transport: 'udp',
      port: 319,
      said: [['client', hex(`00 01 002c 00 00 0200 ${'00'.repeat(36)}`)]],
    },
  ]
)
