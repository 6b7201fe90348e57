import { kakaotalkLoco } from '../../../classifier/protocols/kakaotalk-loco.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  kakaotalkLoco,
  [
    {
      name: 'a handshake',
      transport: 'tcp',
      port: 5223,
      said: [['client', hex(`00010000 0f000000 02000000 ${'5a'.repeat(256)}`)]],
      application: 'kakaotalk',
    },
  ],
  [
    {
      name: 'another cipher',
      transport: 'tcp',
      port: 5223,
      said: [['client', hex(`00010000 0f000000 04000000 ${'5a'.repeat(256)}`)]],
    },
  ]
)
