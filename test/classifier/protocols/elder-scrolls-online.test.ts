import { elderScrollsOnline } from '../../../classifier/protocols/elder-scrolls-online.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  elderScrollsOnline,
  [
    {
      name: 'what the client says first',
      transport: 'tcp',
      port: 24120,
      said: [['client', hex(`00000056 0001 0001 0000004e 0110 0004 67616368 ${'00'.repeat(70)}`)]],
      application: 'elder-scrolls-online',
    },
  ],
  [
    {
      name: 'lengths that do not agree',
      transport: 'tcp',
      port: 24120,
      said: [['client', hex(`00000056 0001 0001 0000004f 0110 0004 67616368 ${'00'.repeat(70)}`)]],
    },
  ]
)
