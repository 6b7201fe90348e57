import { nano } from '../../../classifier/protocols/nano.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  nano,
  [
    {
      name: 'a handshake',
      transport: 'tcp',
      port: 7075,
      said: [['client', hex(`52 43 14 14 12 0a 0500 ${'f0'.repeat(32)}`)]],
      confidence: 85,
    },
  ],
  [
    {
      name: 'versions out of order',
      transport: 'tcp',
      port: 7075,
      said: [['client', hex('52 43 12 14 12 0a 0500')]],
    },
  ]
)
